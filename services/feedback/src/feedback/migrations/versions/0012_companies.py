"""The company of each lead, for lists.

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
    op.add_column("leads", sa.Column("company", sa.Text))


def downgrade() -> None:
    op.drop_column("leads", "company")
