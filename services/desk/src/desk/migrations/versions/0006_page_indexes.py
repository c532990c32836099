"""What came back, what was answered and what a team got, found without reading all of it.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    returned = sa.text("state in ('recycled', 'disqualified')")
    op.create_index("leads_returned", "leads", ["ended_at", "reason"], postgresql_where=returned)
    op.create_index("leads_team_qualified", "leads", ["team", "qualified_at"])
    op.create_index("remarks_answers", "remarks", ["at"], postgresql_where=sa.text("kind = 'answer'"))


def downgrade() -> None:
    op.drop_index("remarks_answers")
    op.drop_index("leads_team_qualified")
    op.drop_index("leads_returned")
