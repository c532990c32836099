"""Since when each version of the rules is in force once more, for proposals to go back to it.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activations", sa.Column("last_activated_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("activations", "last_activated_at")
