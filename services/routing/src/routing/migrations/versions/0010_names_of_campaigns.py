"""Names of campaigns and titles of their content, for openers and suggestions.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("name", sa.Text))
    op.add_column("campaigns", sa.Column("titles", JSONB))


def downgrade() -> None:
    op.drop_column("campaigns", "titles")
    op.drop_column("campaigns", "name")
