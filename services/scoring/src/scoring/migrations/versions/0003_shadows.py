"""Candidate playbooks that run beside the one in force, and the leads that they would have made."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "shadows",
        sa.Column("shadow_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("stopped_at", INSTANT),
        sa.Column("stopped_by", sa.Text),
    )
    op.create_index(
        "shadows_running", "shadows", [sa.text("(true)")], unique=True, postgresql_where=sa.text("stopped_at is null")
    )
    op.create_table(
        "shadow_leads",
        sa.Column("shadow_id", sa.Uuid, primary_key=True),
        sa.Column("lead_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("lead_type", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("fit", sa.Text, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
    )
    op.create_index("shadow_leads_contact", "shadow_leads", ["contact_id"])


def downgrade() -> None:
    op.drop_table("shadow_leads")
    op.drop_table("shadows")
