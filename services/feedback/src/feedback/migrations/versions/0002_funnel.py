"""The funnel as sums; customers after the win; what sales tells marketing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
STATES = "'mql', 'accepted', 'sal', 'sql', 'opportunity', 'won', 'customer', 'lost', 'recycled', 'disqualified'"
MEASURES = (
    "actions", "leads", "accepted", "sal", "sql", "sql_of_sal", "opportunity", "sqo", "won", "won_of_sql", "won_of_sqo",
    "lost", "recycled", "disqualified", "open", "poor_fit", "revenue", "pipeline", "seconds_to_sql", "seconds_to_won",
    "left_mql", "left_accepted", "left_sal", "left_sql", "left_opportunity",
    "seconds_mql", "seconds_accepted", "seconds_sal", "seconds_sql", "seconds_opportunity",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("people", sa.Column("engagements", sa.Integer, nullable=False, server_default="0"))
    op.add_column("people", sa.Column("stage", sa.Text))
    op.add_column("leads", sa.Column("answered_at", AT))
    op.add_column("leads", sa.Column("path", JSONB, nullable=False, server_default="[]"))
    op.add_column("leads", sa.Column("revenue", sa.Double, nullable=False, server_default="0"))
    op.add_column("leads", sa.Column("ended_by", sa.Text))
    op.drop_constraint("ck_leads_state", "leads")
    op.create_check_constraint("ck_leads_state", "leads", f"state in ({STATES})")
    op.create_index(
        "ix_leads_standing",
        "leads",
        ["state", "since"],
        postgresql_where="state in ('mql', 'accepted', 'sal', 'sql', 'opportunity')",
    )
    op.create_index("ix_leads_reason", "leads", ["reason", "ended_at"], postgresql_where="reason is not null")
    op.add_column("signals", sa.Column("source", sa.Text))
    op.add_column("signals", sa.Column("campaign", sa.Text))
    op.create_table(
        "tallies",
        sa.Column("dimension", sa.Text, nullable=False),
        sa.Column("group", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("shard", sa.SmallInteger, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False, server_default="0") for name in MEASURES),
        sa.PrimaryKeyConstraint("dimension", "day", "group", "kind", "shard", name="pk_tallies"),
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "customer_changes",
        sa.Column("action_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("lead_id", sa.Uuid),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("amount", sa.Double),
        sa.Column("at", AT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("action_id", name="pk_customer_changes"),
    )
    op.create_index("ix_customer_changes_contact_id", "customer_changes", ["contact_id"])
    op.create_table(
        "feedbacks",
        sa.Column("feedback_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid),
        *(sa.Column(name, sa.Text) for name in ("campaign", "topic", "content", "note")),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("answered_at", AT),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_feedbacks"),
    )
    op.create_index("ix_feedbacks_at", "feedbacks", ["at"])
    op.create_index("ix_feedbacks_contact_id", "feedbacks", ["contact_id"])


def downgrade() -> None:
    for table in ("feedbacks", "customer_changes", "tallies"):
        op.drop_table(table)
    for index in ("ix_leads_reason", "ix_leads_standing"):
        op.drop_index(index, "leads")
    for table, column in (
        ("signals", "campaign"), ("signals", "source"), ("leads", "ended_by"), ("leads", "revenue"),
        ("leads", "path"), ("leads", "answered_at"), ("people", "stage"), ("people", "engagements"),
    ):  # fmt: skip
        op.drop_column(table, column)
