"""Keep CSV imports, who must not be written to, consent by channel and its confirmation, and who is out of audience."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
COUNTS = ("rows", "accepted", "duplicates", "rejected", "waiting")


def upgrade() -> None:
    _answers()
    _imports()


def _answers() -> None:
    op.add_column("consents", sa.Column("channel", sa.Text))
    op.add_column("consents", sa.Column("state", sa.Text, nullable=False, server_default="told"))
    op.add_column("consents", sa.Column("form_version", sa.Text))
    op.add_column("engagements", sa.Column("out_of_audience", JSONB, nullable=False, server_default="[]"))
    op.add_column("profiles", sa.Column("suppressed", JSONB, nullable=False, server_default="[]"))
    op.create_index("ix_profiles_email_domain", "profiles", ["email_domain"])
    op.create_table(
        "suppressions",
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.PrimaryKeyConstraint("key", "channel", name="pk_suppressions"),
    )


def _imports() -> None:
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("sent_by", sa.Text, nullable=False),
        sa.Column("begun_at", AT, nullable=False),
        sa.Column("ended_at", AT),
        sa.Column("header", JSONB, nullable=False),
        sa.Column("mapping", JSONB, nullable=False),
        sa.Column("per_day", sa.Integer),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS),
        sa.Column("left_today", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("import_id", name="pk_imports"),
        sa.CheckConstraint("state in ('reading', 'broken_off', 'releasing', 'done')", name="ck_imports_state"),
    )
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("row", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("told", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row", name="pk_import_rows"),
    )
    op.create_index("ix_import_rows_key", "import_rows", ["key"])
    op.create_table(
        "import_rejects",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("row", sa.BigInteger, nullable=False),
        sa.Column("cells", JSONB),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row", name="pk_import_rejects"),
    )


def downgrade() -> None:
    for table in ("import_rejects", "import_rows", "imports", "suppressions"):
        op.drop_table(table)
    op.drop_index("ix_profiles_email_domain", "profiles")
    op.drop_column("profiles", "suppressed")
    op.drop_column("engagements", "out_of_audience")
    for column in ("form_version", "state", "channel"):
        op.drop_column("consents", column)
