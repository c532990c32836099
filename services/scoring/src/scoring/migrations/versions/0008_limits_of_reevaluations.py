"""What was chosen for a run over everybody near the line: to publish, to list, so many in all or a day.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reevaluations", sa.Column("publishes", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("reevaluations", sa.Column("most_qualified", sa.Integer))
    op.add_column("reevaluations", sa.Column("most_qualified_a_day", sa.Integer))
    op.add_column("reevaluated", sa.Column("at", sa.DateTime(timezone=True)))
    op.execute(
        "update reevaluated c set at = r.activated_at from reevaluations r where r.reevaluation_id = c.reevaluation_id"
    )
    op.alter_column("reevaluated", "at", nullable=False)


def downgrade() -> None:
    op.drop_column("reevaluated", "at")
    for name in ("most_qualified_a_day", "most_qualified", "publishes"):
        op.drop_column("reevaluations", name)
