"""Bring the tables that every service has up to date.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from events.runtime.schema import upgrade_runtime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    upgrade_runtime(op)
