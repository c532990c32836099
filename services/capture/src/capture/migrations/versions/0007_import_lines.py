"""Account for each line of an imported file, and say what was put aside.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("imports", sa.Column("file", JSONB, nullable=False, server_default="{}"))
    op.add_column("imports", sa.Column("put_aside", JSONB, nullable=False, server_default="[]"))
    op.add_column("import_rejects", sa.Column("line", sa.BigInteger))
