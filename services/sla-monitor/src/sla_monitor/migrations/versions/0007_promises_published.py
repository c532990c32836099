"""Count how often the open promises about a lead were published.

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
    op.add_column("leads", sa.Column("promises", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("leads", "promises")
