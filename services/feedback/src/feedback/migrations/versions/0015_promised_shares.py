"""How large a share of its promises sales promises to keep, by clock, from which instant on.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promised_shares",
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shares", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("activated_at", name="pk_promised_shares"),
    )


def downgrade() -> None:
    op.drop_table("promised_shares")
