"""Find the leads that a rep has, for the keys that are bound to one.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("leads_rep", "leads", ["rep_id"])


def downgrade() -> None:
    op.drop_index("leads_rep", "leads")
