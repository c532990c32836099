"""The clocks behind each number of a digest and of compliance, by when they fell due.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("clocks_by_date", "clocks", ["clock", sa.text("coalesce(due_at, started_at)")])


def downgrade() -> None:
    op.drop_index("clocks_by_date", "clocks")
