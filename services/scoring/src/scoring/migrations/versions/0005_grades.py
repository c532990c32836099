"""The grade of a lead that was published last, and who overrode the rules, beside the override's engagement.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("graded_as", sa.Text))
    op.add_column("leads", sa.Column("regrades", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "update engagements set facts = facts || jsonb_build_object("
        "'override.by', o.by, 'override.reason', o.reason)"
        " from overrides o where o.override_id = engagements.engagement_id"
    )


def downgrade() -> None:
    op.drop_column("leads", "regrades")
    op.drop_column("leads", "graded_as")
