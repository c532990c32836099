"""When reps work, and whose calendar shows which meeting.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rep_calendars",
        sa.Column("rep_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "meetings",
        sa.Column("lead_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("rep_id", sa.Text),
        sa.Column("starts_at", sa.DateTime(timezone=True)),
        sa.Column("sequence", sa.Integer, nullable=False),
    )
    op.create_index("meetings_contact", "meetings", ["contact_id"])
    op.create_index("messages_lead", "messages", ["lead_id"])


def downgrade() -> None:
    op.drop_index("messages_lead", "messages")
    op.drop_table("meetings")
    op.drop_table("rep_calendars")
