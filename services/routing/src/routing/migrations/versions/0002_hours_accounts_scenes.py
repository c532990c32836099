"""Working hours, what is known of accounts, and what each decision stood on.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from events.runtime.merges import create_merges

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_merges(op)
    op.add_column("leads", sa.Column("account", sa.Text))
    op.add_column("leads", sa.Column("origin_rep_id", sa.Text))
    op.add_column("leads", sa.Column("in_turn", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("leads", sa.Column("ended_at", INSTANT))
    op.execute("update leads set ended_at = placed_at where state in ('closed', 'released')")
    op.create_index(
        "leads_of_account",
        "leads",
        ["account", "placed_at"],
        postgresql_where=sa.text("state = 'assigned' and account is not null"),
    )
    op.add_column("decisions", sa.Column("scene_id", sa.Uuid))
    op.add_column("decisions", sa.Column("grounds", JSONB))
    op.add_column("decisions", sa.Column("facts", JSONB))
    op.create_table(
        "scenes",
        sa.Column("scene_id", sa.Uuid, primary_key=True),
        sa.Column("pools", JSONB, nullable=False),
        sa.Column("given", JSONB, nullable=False),
    )
    op.add_column("reps", sa.Column("works", JSONB))
    op.add_column("seats", sa.Column("this_week", sa.Integer, nullable=False, server_default="0"))
    op.add_column("seats", sa.Column("rested_at", sa.Double))
    op.add_column("pools", sa.Column("level", sa.Double, nullable=False, server_default="0"))
    _levels()
    for column in ("name", "block", "parent"):
        op.add_column("accounts", sa.Column(column, sa.Text))
    op.add_column("accounts", sa.Column("aliases", ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.add_column("accounts", sa.Column("open_opportunity", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("accounts_aliases", "accounts", ["aliases"], postgresql_using="gin")
    op.create_index("accounts_block", "accounts", ["block"], postgresql_where=sa.text("block is not null"))


def _levels() -> None:
    """The level was the weighted mean of those who take part; who rests rested there."""
    op.execute(
        "update pools p set level = m.level from ("
        " select team, sum(weight * position) / sum(weight) as level from seats where taking_part group by team"
        ") as m where m.team = p.team"
    )
    op.execute(
        "update seats s set rested_at = p.level, position = greatest(s.position, p.level)"
        " from pools p where p.team = s.team and not s.taking_part and s.position > '-Infinity'"
    )


def downgrade() -> None:
    op.drop_index("accounts_block")
    op.drop_index("accounts_aliases")
    op.drop_index("leads_of_account")
    op.drop_table("scenes")
    op.drop_table("merges")
    for table, columns in {
        "accounts": ("open_opportunity", "aliases", "parent", "block", "name"),
        "pools": ("level",),
        "seats": ("rested_at", "this_week"),
        "reps": ("works",),
        "decisions": ("facts", "grounds", "scene_id"),
        "leads": ("ended_at", "in_turn", "origin_rep_id", "account"),
    }.items():
        for column in columns:
            op.drop_column(table, column)
