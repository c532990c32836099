"""Messages about a week, which are about no lead.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("lead_id", "contact_id"):
        op.alter_column("messages", column, nullable=True)


def downgrade() -> None:
    op.execute("delete from messages where lead_id is null")
    for column in ("lead_id", "contact_id"):
        op.alter_column("messages", column, nullable=False)
