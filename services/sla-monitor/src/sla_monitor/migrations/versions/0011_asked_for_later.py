"""Until when the contact of a lead waits for the time that they asked for: nobody ignores them before.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("waits_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("leads", "waits_until")
