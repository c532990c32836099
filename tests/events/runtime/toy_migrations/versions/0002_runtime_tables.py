"""Bring the tables that every service has up to date.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from events.runtime.schema import upgrade_runtime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    upgrade_runtime(op)
