"""Which leads ever had an opportunity or were won: their misses are no longer listed.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("outcome", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(
        "update leads set outcome = true where exists ("
        " select from jsonb_each(facts->'acts') as act where act.value->>'deed' in ('opportunity', 'won'))"
    )
    op.create_index("leads_with_outcome", "leads", ["lead_id"], postgresql_where=sa.text("outcome"))


def downgrade() -> None:
    op.drop_index("leads_with_outcome")
    op.drop_column("leads", "outcome")
