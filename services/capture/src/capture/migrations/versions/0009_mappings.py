"""Keep the mapping of a list under a name.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mappings",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("asked", JSONB, nullable=False),
    )
