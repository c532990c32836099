"""Find an erasure by its contact: whoever comes back after a restore must not get the id of somebody erased.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_erasures_contact_id", "erasures", ["contact_id"])
