"""Indexes for the lists behind the figures of the reports: by cohort, and by campaign.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_leads_qualified_at", "leads", ["qualified_at", "lead_id"])
    op.create_index("ix_leads_campaign", "leads", ["campaign", "lead_id"])


def downgrade() -> None:
    op.drop_index("ix_leads_campaign")
    op.drop_index("ix_leads_qualified_at")
