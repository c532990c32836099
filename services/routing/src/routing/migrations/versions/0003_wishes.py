"""What contacts said that may keep a lead from sales.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wishes", sa.Column("contact_id", sa.Uuid, primary_key=True), sa.Column("said", JSONB, nullable=False)
    )
