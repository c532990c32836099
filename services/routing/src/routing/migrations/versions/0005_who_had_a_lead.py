"""Who had a lead in its cycle, and what reps corrected about it.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("had_by", ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.add_column("leads", sa.Column("corrected", JSONB))
    op.add_column("leads", sa.Column("accepted", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("update leads set accepted = worked where state = 'assigned'")
    op.execute(
        "update leads l set had_by = d.reps from ("
        " select lead_id, array_agg(distinct rep_id) as reps from decisions"
        " where kind = 'assigned' and rep_id is not null group by lead_id"
        ") as d where d.lead_id = l.lead_id and l.state in ('queued', 'assigned')"
    )


def downgrade() -> None:
    op.drop_column("leads", "accepted")
    op.drop_column("leads", "corrected")
    op.drop_column("leads", "had_by")
