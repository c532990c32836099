"""Sums by day of what the funnel and the promises count, which triggers keep (migration 0007); and their folding.

Each statement that changes leads or promises appends what it changed. Where a day has such rows they are folded with
the day's others, so that a question adds up one row a group, team and day.
"""

from events.runtime import Transaction

MOST_DAYS = 500
"""Days of a dimension that are folded in one transaction."""
SUMS = {
    "funnel_days": (
        "qualified", "handed_over", "touched", "accepted", "confirmed", "opportunity", "won", "returned", "revenue",
    ),
    "promise_days": ("kept", "late", "missed"),
}  # fmt: skip
"""The tables, and what each adds up; nothing is null."""
_FOLD = """
with fresh as (
    select dimension, day from {table} where not folded group by 1, 2 order by 2 limit $1
), taken as materialized (
    select s.ctid from {table} s join fresh using (dimension, day) for update of s skip locked
), gone as (
    delete from {table} where ctid = any(array(select ctid from taken)) returning *
), kept as (
    insert into {table} (dimension, "group", team, day, folded, {names})
    select * from (select dimension, "group", team, day, true, {sums} from gone group by 1, 2, 3, 4) summed
    where num_nonnulls({names}) > 0 order by dimension, day
)
select count(*) as rows from gone
"""
_FOLDS = {
    table: _FOLD.format(
        table=table, names=", ".join(names), sums=", ".join(f"nullif(sum({name}), 0) as {name}" for name in names)
    )
    for table, names in SUMS.items()
}
_DAYS = """
with days as (
    select day, sum(sum({measure})) over (order by day desc) as upto, sum({measure}) as rows from {table}
    where {condition} and day >= {since} group by day having sum({measure}) > 0
), wanted as materialized (
    select day::timestamp at time zone 'utc' as begins, (day + 1)::timestamp at time zone 'utc' as ends,
        upto - rows as before
    from days where upto > {skip} and upto - rows < {skip} + {at_most}
)
"""


async def fold_day_sums(tx: Transaction) -> int:
    """Fold what was counted since the last time, as far as nobody else does; return how many rows that took."""
    return sum([int((await tx.raw.fetch(sql, MOST_DAYS))[0]["rows"]) for sql in _FOLDS.values()])


def build_days_statement(table: str, measure: str, condition: str, *, since: str, skip: str, at_most: int) -> str:
    """Return the beginning of a statement: `wanted` are the days in which a page of a list lies, by what is counted.

    Each has when it `begins` and `ends`, and how many of the list lie `before`: whatever is skipped, a page reads its
    own days. A subquery on them ends with `offset 0`, or PostgreSQL may read all rows before it knows the days.
    """
    return _DAYS.format(table=table, measure=measure, condition=condition, since=since, skip=skip, at_most=at_most)
