"""The funnel as sums, kept in the transaction that changes a lead: one upsert, however many leads.

Two transactions that count in the same row would wait for each other, so each database connection has its own copy of
a row (`shard`), and a question adds the copies up.
"""

from datetime import date
from typing import Any

from events.runtime import Transaction
from feedback.domain.funnel import MEASURES, Sheet

SHARDS = 4

_NAMES = ", ".join(MEASURES)
_ARRAYS = ", ".join(f"${n}::double precision[]" for n in range(5, 5 + len(MEASURES)))
_SUMS = ", ".join(f"coalesce(sum({name}), 0)::double precision as {name}" for name in MEASURES)
_ADD = f"""
insert into tallies as t (dimension, "group", day, kind, shard, {_NAMES})
select u.dimension, u."group", u.day, u.kind, pg_backend_pid() % {SHARDS}, {", ".join(f"u.{m}" for m in MEASURES)}
from unnest($1::text[], $2::text[], $3::date[], $4::text[], {_ARRAYS}) as u(dimension, "group", day, kind, {_NAMES})
on conflict (dimension, day, "group", kind, shard) do update set
{", ".join(f"{name} = t.{name} + excluded.{name}" for name in MEASURES)}
"""  # noqa: S608 - names of columns
_READ = """
select {group} as "group", {cohort} as cohort, {kind} as kind, {sums}
from tallies where dimension = $1 and day between $2 and $3 and ($4::text is null or kind = $4)
group by 1, 2, 3 order by 2, 1, 3
"""

_COHORTS = {
    "day": "day::text",
    "week": """to_char(day, 'IYYY-"W"IW')""",
    "month": "to_char(day, 'YYYY-MM')",
    None: "null::text",
}


async def add_to_funnel(tx: Transaction, sheet: Sheet) -> None:
    """Add what a transaction changed to the sums, in the order of their keys."""
    rows = sorted((key, row) for key, row in sheet.rows.items() if any(row))
    if not rows:
        return
    keys = list(zip(*(key for key, _ in rows), strict=True))
    columns = list(zip(*(row for _, row in rows), strict=True))
    await tx.raw.execute(_ADD, *map(list, keys), *map(list, columns))


async def read_funnel(
    tx: Transaction,
    dimension: str,
    *,
    cohort: str | None = None,
    grouped: bool = True,
    kinds: bool = False,
    kind: str | None = None,
    first: date = date.min,
    last: date = date.max,
) -> list[dict[str, Any]]:
    """Add up a dimension's rows by group, cohort and kind, each if it is asked for."""
    query = _READ.format(
        group='"group"' if grouped else "null::text",
        cohort=_COHORTS[cohort],
        kind="kind" if kinds else "null::text",
        sums=_SUMS,
    )
    return [dict(row) for row in await tx.raw.fetch(query, dimension, first, last, kind)]


async def histogram(tx: Transaction, dimension: str, first: date, last: date) -> dict[int, float]:
    """Count leads by a whole number that is their group, such as the days to the win."""
    rows = await tx.raw.fetch(
        'select "group"::int as value, sum(leads) as leads from tallies where dimension = $1 and day between $2 and $3'
        " group by 1 having sum(leads) > 0",
        dimension,
        first,
        last,
    )
    return {row["value"]: row["leads"] for row in rows}
