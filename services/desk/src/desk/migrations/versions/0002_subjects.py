"""By what the identity provider knows somebody of ours.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("subject", sa.Text))
    op.create_unique_constraint("users_subject", "users", ["subject"])


def downgrade() -> None:
    op.drop_column("users", "subject")
