"""Rules that are proposed, and as which approver somebody signs them.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("users", sa.Column("signs_as", sa.Text))
    op.create_table(
        "candidates",
        sa.Column("candidate_id", sa.Uuid, primary_key=True),
        sa.Column("definitions", sa.Text, nullable=False),
        sa.Column("bodies", JSONB, nullable=False),
        sa.Column("approvers", JSONB, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("signatures", JSONB, nullable=False),
        sa.Column("before", JSONB),
        sa.Column("activated_at", INSTANT),
        sa.Column("ended_at", INSTANT),
    )


def downgrade() -> None:
    op.drop_table("candidates")
    op.drop_column("users", "signs_as")
