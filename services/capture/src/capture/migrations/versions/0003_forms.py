"""Forms: what is held in quarantine, and what keys are bound to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "quarantined",
        sa.Column("quarantine_id", sa.Uuid, nullable=False),
        sa.Column("received_at", AT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("names", ARRAY(sa.Uuid), nullable=False),
        sa.Column("submission", JSONB),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("settled_at", AT),
        sa.Column("settled_by", sa.Text),
        sa.Column("answer", JSONB),
        sa.PrimaryKeyConstraint("quarantine_id", name="pk_quarantined"),
        sa.CheckConstraint("state in ('held', 'released', 'discarded')", name="ck_quarantined_state"),
    )
    op.create_index("ix_quarantined_received", "quarantined", ["state", "received_at", "quarantine_id"])
    op.create_index("ix_quarantined_names", "quarantined", ["names"], postgresql_using="gin")
    op.create_table(
        "key_bindings",
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("form", sa.Text),
        sa.Column("origins", ARRAY(sa.Text), nullable=False),
        sa.Column("source", sa.Text),
        sa.PrimaryKeyConstraint("key_id", name="pk_key_bindings"),
    )


def downgrade() -> None:
    op.drop_table("key_bindings")
    op.drop_table("quarantined")
