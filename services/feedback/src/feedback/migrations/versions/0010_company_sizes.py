"""Columns for the size of a contact's company, which decides after a size check whether they wake.

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
    op.add_column("people", sa.Column("employees", sa.BigInteger))
    op.add_column("people", sa.Column("employees_at", sa.DateTime(timezone=True)))
