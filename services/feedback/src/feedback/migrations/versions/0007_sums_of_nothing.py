"""A sum of nothing is null: rows a third as wide are read in a third of the time."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MEASURES = (
    "actions", "leads", "accepted", "sal", "sql", "sql_of_sal", "opportunity", "sqo", "won", "won_of_sql", "won_of_sqo",
    "lost", "recycled", "disqualified", "open", "poor_fit", "revenue", "pipeline", "seconds_to_sql", "seconds_to_won",
    "left_mql", "left_accepted", "left_sal", "left_sql", "left_opportunity",
    "seconds_mql", "seconds_accepted", "seconds_sal", "seconds_sql", "seconds_opportunity",
)  # fmt: skip


def upgrade() -> None:
    changes = (f"alter {name} drop not null, alter {name} drop default" for name in MEASURES)
    op.execute(f"alter table tallies {', '.join(changes)}")
    op.execute(f"update tallies set {', '.join(f'{name} = nullif({name}, 0)' for name in MEASURES)}")  # noqa: S608 - names of ours


def downgrade() -> None:
    op.execute(f"update tallies set {', '.join(f'{name} = coalesce({name}, 0)' for name in MEASURES)}")  # noqa: S608 - names of ours
    changes = (f"alter {name} set not null, alter {name} set default 0" for name in MEASURES)
    op.execute(f"alter table tallies {', '.join(changes)}")
