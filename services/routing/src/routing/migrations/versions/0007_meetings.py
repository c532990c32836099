"""The slot that a lead holds with its rep.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("meeting_at", sa.DateTime(timezone=True)))
    op.create_index(
        "leads_meetings",
        "leads",
        ["rep_id", "meeting_at"],
        postgresql_where=sa.text("state = 'assigned' and meeting_at is not null"),
    )


def downgrade() -> None:
    op.drop_index("leads_meetings")
    op.drop_column("leads", "meeting_at")
