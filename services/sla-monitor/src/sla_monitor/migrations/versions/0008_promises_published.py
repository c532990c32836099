"""Count how often the open promises about a lead were published.

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
    op.add_column("leads", sa.Column("promises", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("leads", "promises")
