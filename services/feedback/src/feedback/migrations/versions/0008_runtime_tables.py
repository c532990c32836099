"""Bring the tables that every service has up to date.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

from events.runtime.schema import upgrade_runtime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    upgrade_runtime(op)
