"""The company of each lead, for lists of clocks.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("company", sa.Text))


def downgrade() -> None:
    op.drop_column("leads", "company")
