"""The funnel as sums, kept in the transaction that changes a lead: one upsert, however many leads.

Two transactions that count in the same row would wait for each other, so each database connection has its own copy of
a row (`shard`), and a question adds the copies up. Where nothing much happens any more the copies are folded into one.
A sum of nothing is null: most of a row's sums are, and nulls take neither space nor time.
"""

from collections.abc import Sequence
from datetime import date

from events.runtime import Transaction
from feedback.domain.funnel import MEASURES, FunnelChanges, FunnelRow

SHARDS = 4
FOLDED = -1
"""The copy in which the others come to rest: no connection counts there."""
MOST_FOLDED = 50_000
"""Rows that are folded in one transaction."""

_NAMES = ", ".join(MEASURES)
_ARRAYS = ", ".join(f"${n}::double precision[]" for n in range(5, 5 + len(MEASURES)))
_MORE = ", ".join(f"{name} = nullif(coalesce(t.{name}, 0) + coalesce(excluded.{name}, 0), 0)" for name in MEASURES)
_ADD = f"""
insert into tallies as t (dimension, "group", day, kind, shard, {_NAMES})
select u.dimension, u."group", u.day, u.kind, pg_backend_pid() % {SHARDS}, {", ".join(f"u.{m}" for m in MEASURES)}
from unnest($1::text[], $2::text[], $3::date[], $4::text[], {_ARRAYS}) as u(dimension, "group", day, kind, {_NAMES})
on conflict (dimension, day, "group", kind, shard) do update set {_MORE}
"""  # noqa: S608 - names of columns
_FOLD = f"""
with resting as (
    select ctid from tallies where shard <> {FOLDED} and day < $1 limit {MOST_FOLDED} for update skip locked
), copies as (
    delete from tallies where ctid = any(array(select ctid from resting)) returning *
), folded as (
    insert into tallies as t (dimension, "group", day, kind, shard, {_NAMES})
    select dimension, "group", day, kind, {FOLDED}, {", ".join(f"nullif(sum({name}), 0)" for name in MEASURES)}
    from copies group by 1, 2, 3, 4 order by 1, 3
    on conflict (dimension, day, "group", kind, shard) do update set {_MORE}
)
select count(*) as rows from copies
"""  # noqa: S608 - names of columns
_READ = """
select "group", {label} as cohort, kind, {sums} from (
    select {group} as "group", {cohort} as cohort, {kind} as kind, {added} from tallies
    where dimension = $1 and day between $2 and $3 and ($4::text is null or kind = $4) group by 1, 2, 3
) added order by 2, 1, 3
"""

_COHORTS = {
    "day": ("day", "cohort::text"),
    "week": ("(day - date '1970-01-05') / 7", """to_char(date '1970-01-05' + 7 * cohort, 'IYYY-"W"IW')"""),
    "month": ("date_trunc('month', day::timestamp)", "to_char(cohort, 'YYYY-MM')"),
    None: ("null::text", "cohort"),
}
"""By what the rows are added up, a cheap value; and how the sum of many rows is called."""


async def add_to_funnel(tx: Transaction, funnel: FunnelChanges) -> None:
    """Add what a transaction changed to the sums, in the order of their keys."""
    rows = sorted((key, row) for key, row in funnel.rows.items() if any(row))
    if not rows:
        return
    keys = list(zip(*(key for key, _ in rows), strict=True))
    columns = [[value or None for value in column] for column in zip(*(row for _, row in rows), strict=True)]
    await tx.raw.execute(_ADD, *map(list, keys), *columns)


async def fold_tallies(tx: Transaction, before: date) -> int:
    """Fold copies of rows of earlier days into one, as far as nobody counts in them now; gives how many went."""
    return int((await tx.raw.fetch(_FOLD, before))[0]["rows"])


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
    measures: Sequence[str] = MEASURES,
) -> list[FunnelRow]:
    """Add up a dimension's rows by group, cohort and kind, each if it is asked for."""
    key, label = _COHORTS[cohort]
    query = _READ.format(
        group='"group"' if grouped else "''::text",
        cohort=key,
        label=label,
        kind="kind" if kinds else "''::text",
        added=", ".join(f"sum({name}) as {name}" for name in measures),
        sums=", ".join(f"coalesce({name}, 0) as {name}" for name in measures),
    )
    rows = [FunnelRow(**dict(row)) for row in await tx.raw.fetch(query, dimension, first, last, kind)]
    return [_count_sql_as_sal_too(row) for row in rows] if {"sal", "sql", "sql_of_sal"} <= set(measures) else rows


def _count_sql_as_sal_too(row: FunnelRow) -> FunnelRow:
    """Count who is SQL as SAL too, whoever accepted the lead: the sum of both less those in both."""
    return row._replace(sal=row.sal + row.sql - row.sql_of_sal, sql_of_sal=row.sql)


async def load_histogram(tx: Transaction, dimension: str, first: date, last: date) -> dict[int, float]:
    """Count leads by a whole number that is their group, such as the days to the win."""
    rows = await tx.raw.fetch(
        'select "group"::int as value, sum(leads) as leads from tallies where dimension = $1 and day between $2 and $3'
        " group by 1 having sum(leads) > 0",
        dimension,
        first,
        last,
    )
    return {row["value"]: row["leads"] for row in rows}
