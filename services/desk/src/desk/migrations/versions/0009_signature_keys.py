"""The keys by which signatures came, apart from these: the release before reads signatures without them.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("candidates", sa.Column("signature_keys", JSONB))


def downgrade() -> None:
    op.drop_column("candidates", "signature_keys")
