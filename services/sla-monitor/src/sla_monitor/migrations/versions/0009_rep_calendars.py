"""When reps work, as routing publishes it.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rep_calendars",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("rep_id", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_index("rep_calendars_rep", "rep_calendars", ["rep_id", "revision"])


def downgrade() -> None:
    op.drop_table("rep_calendars")
    op.execute("delete from timers where kind = 'reps'")
