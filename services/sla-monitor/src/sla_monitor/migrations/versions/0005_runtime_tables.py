"""Bring the tables that every service has up to date.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

from events.runtime.schema import upgrade_runtime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    upgrade_runtime(op)
