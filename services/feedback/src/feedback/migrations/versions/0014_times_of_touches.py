"""When people tried to reach the contact, taken from the history: touches of one spell are one attempt.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FROM_HISTORY = """
update leads l set touch_times = t.touch_times
from (
    select lead_id, jsonb_agg(to_jsonb(at) order by at) as touch_times
    from (
        select distinct on (lead_id, at) lead_id, at, dense_rank() over (partition by lead_id order by at) as number
        from history
        where kind = 'lead.touched' and not coalesce((details ->> 'automated')::boolean, false)
    ) as touches
    where number <= 200 group by lead_id
) as t
where t.lead_id = l.lead_id
"""


def upgrade() -> None:
    op.add_column("leads", sa.Column("touch_times", JSONB, nullable=False, server_default="[]"))
    op.execute(FROM_HISTORY)


def downgrade() -> None:
    op.drop_column("leads", "touch_times")
