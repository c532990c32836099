"""What the funnel and the promises count, as sums by day: kept by triggers, so that whatever changes a row counts.

A trigger appends what its statement changed and updates nothing, so nobody waits for anybody. And what is looked for of
open leads, answered by indexes alone.

Revision ID: 0007
Revises: 0006
"""

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = "state in ('mql', 'accepted', 'sal', 'sql', 'opportunity')"
OPEN_AND_ENDED = f"{OPEN} and ended_at is not null"
"""Of no lead: an index for who looks whether that is so."""
BY_DUE = {"owner": ["owner_id", "due_at"], "team": ["team", "due_at"], "due": ["due_at"]}
ALL_OF_OPEN = ["lead_id", "due_at", "placed_at", "touched_at", "queue", "rep_id", "owner_id", "team"]
WON, BREACHED = "state = 'won'", "breached_at is not null"


class Counted(NamedTuple):
    """A table whose rows are counted: the day of a row, its groups by dimension, and what it counts as."""

    table: str
    sums: str
    day: str
    columns: str
    groups: Mapping[str, str]
    measures: Mapping[str, str]


LEADS = Counted(
    "leads",
    "funnel_days",
    "qualified_at",
    "qualified_at, team, source, campaign, lead_type, fit, state, handed_over_at, touches, accepted_at, confirmed_at,"
    " opportunity_at, amount",
    {name: f"coalesce({name}, 'none')" for name in ("source", "campaign", "lead_type", "fit", "team")},
    {
        "qualified": "sum(sign)",
        "handed_over": "sum(sign) filter (where handed_over_at is not null)",
        "touched": "sum(sign) filter (where touches > 0)",
        "accepted": "sum(sign) filter (where accepted_at is not null)",
        "confirmed": "sum(sign) filter (where confirmed_at is not null)",
        "opportunity": "sum(sign) filter (where opportunity_at is not null)",
        "won": f"sum(sign) filter (where {WON})",
        "returned": "sum(sign) filter (where state in ('recycled', 'disqualified'))",
        "revenue": f"sum(sign * amount::numeric) filter (where {WON})",
    },
)
PROMISES = Counted(
    "promises",
    "promise_days",
    "due_at",
    "due_at, team, policy, clock, rep_id, met_at, breached_at, rescinded_at",
    {"team": "coalesce(team, 'none')", "policy": "policy", "clock": "clock", "rep": "coalesce(rep_id, 'nobody')"},
    {
        "kept": "sum(sign) filter (where rescinded_at is not null or (met_at is not null and breached_at is null))",
        "late": f"sum(sign) filter (where rescinded_at is null and met_at is not null and {BREACHED})",
        "missed": f"sum(sign) filter (where rescinded_at is null and met_at is null and {BREACHED})",
    },
)


ADD = """
insert into {sums} (dimension, "group", team, day, folded, {names})
select dimension, "group", team, day, {folded}, {names} from (
    select dimension, "group", team, {day} as day, {amounts}
    from ({rows}) counted cross join lateral (values {groups}) as grouped (dimension, "group") group by 1, 2, 3, 4
) changed where num_nonnulls({names}) > 0 order by dimension, day
"""


def upgrade() -> None:
    # What the version before writes between the count and its triggers would be missing for good.
    op.execute("lock table leads, promises in access exclusive mode")
    for counted in (LEADS, PROMISES):
        _create_sums(counted)
        _count(counted)
    op.drop_index("leads_qualified")
    op.create_index("leads_qualified", "leads", ["qualified_at", "source", "campaign", "lead_type", "fit"])
    op.drop_index("leads_ended")
    for name, columns in BY_DUE.items():
        op.drop_index(f"leads_{name}")
        more = [column for column in ALL_OF_OPEN if column not in columns]
        op.create_index(f"leads_{name}", "leads", columns, postgresql_where=sa.text(OPEN), postgresql_include=more)
    for step, condition in (
        ("confirmed", "confirmed_at is not null"), ("opportunity", "opportunity_at is not null"), ("won", WON),
    ):  # fmt: skip
        op.create_index(f"leads_{step}", "leads", ["qualified_at"], postgresql_where=sa.text(condition))
    op.create_index("leads_open_and_ended", "leads", ["lead_id"], postgresql_where=sa.text(OPEN_AND_ENDED))
    op.create_index("promises_team", "promises", ["team", "due_at"])
    op.create_index("promises_rep", "promises", ["rep_id", "due_at"])
    op.create_index("promises_breached", "promises", ["due_at", "rep_id"], postgresql_where=sa.text(BREACHED))


def _create_sums(counted: Counted) -> None:
    op.create_table(
        counted.sums,
        *(sa.Column(name, sa.Text, nullable=name == "team") for name in ("dimension", "group", "team")),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("folded", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Numeric if name == "revenue" else sa.Integer) for name in counted.measures),
    )
    op.create_index(f"{counted.sums}_day", counted.sums, ["dimension", "day"])
    op.create_index(f"{counted.sums}_fresh", counted.sums, ["day"], postgresql_where=sa.text("not folded"))


def _count(counted: Counted) -> None:
    """Count the rows that are there, and have triggers count what changes."""
    op.execute(_sums_of(counted, {counted.table: 1}, folded=True))
    branches = {"insert": {"added": 1}, "update": {"added": 1, "removed": -1}, "delete": {"removed": -1}}
    body = " ".join(
        f"if tg_op = '{event.upper()}' then {_sums_of(counted, tables)}; end if;" for event, tables in branches.items()
    )
    op.execute(
        f"create function count_{counted.table}() returns trigger language plpgsql as"
        f" $$ begin {body} return null; end $$"
    )
    names = {"added": "new table as added", "removed": "old table as removed"}
    for event, tables in branches.items():
        op.execute(
            f"create trigger count_{event} after {event} on {counted.table}"
            f" referencing {' '.join(names[table] for table in tables)}"
            f" for each statement execute function count_{counted.table}()"
        )


def _sums_of(counted: Counted, tables: Mapping[str, int], *, folded: bool = False) -> str:
    """Return the statement that adds what rows of these tables amount to, those of a table with its sign."""
    names = ", ".join(counted.measures)
    row = "select {} as sign, {} from {} where {} is not null"
    rows = " union all ".join(row.format(sign, counted.columns, table, counted.day) for table, sign in tables.items())
    groups = ", ".join(f"('{dimension}', {group})" for dimension, group in counted.groups.items())
    amounts = ", ".join(f"nullif({measure}, 0) as {name}" for name, measure in counted.measures.items())
    day = f"({counted.day} at time zone 'utc')::date"
    return ADD.format(sums=counted.sums, names=names, folded=folded, day=day, amounts=amounts, rows=rows, groups=groups)


def downgrade() -> None:
    op.drop_index("promises_breached")
    op.drop_index("promises_rep")
    op.drop_index("promises_team")
    op.drop_index("leads_open_and_ended")
    for step in ("won", "opportunity", "confirmed"):
        op.drop_index(f"leads_{step}")
    for name, columns in BY_DUE.items():
        op.drop_index(f"leads_{name}")
        op.create_index(f"leads_{name}", "leads", columns, postgresql_where=sa.text(OPEN))
    op.create_index("leads_ended", "leads", ["ended_at"], postgresql_where=sa.text("ended_at is not null"))
    op.drop_index("leads_qualified")
    op.create_index("leads_qualified", "leads", ["qualified_at"])
    for counted in (PROMISES, LEADS):
        for event in ("insert", "update", "delete"):
            op.execute(f"drop trigger count_{event} on {counted.table}")
        op.execute(f"drop function count_{counted.table}()")
        op.drop_table(counted.sums)
