"""How soon leads were first called: against 5 minutes, 48 hours and 30 days, by the clock and in working time."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from events.business_time import Calendar
from events.intervals import wilson
from leaks.business import WorkingTime
from leaks.people import People

MINUTES_5, HOURS_48, DAYS_30 = 300, 48 * 3600, 30 * 86400
BUCKETS = ("5 minutes", "48 hours", "30 days", "later", "never", "before it came in", "unknown when")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TIMED = 0.5
"""So large a share of times away from midnight shows that a column has times and not only dates."""

EARLIEST, LATEST = 1990, 2100
"""Years that a calendar is computed for; a date beyond them is a slip of the pen."""


@dataclass
class Speed:
    """The leads with how long each waited, and what the file's times allow to say."""

    table: pl.DataFrame
    has_minutes: bool
    """Whether the times are exact; dates alone say nothing of five minutes."""


def measure(people: People, calendar: Calendar) -> Speed:
    """Return the leads with `wait` and `work_wait` (seconds), `bucket` and `work_bucket`, and the local hour."""
    table = people.table
    zone = calendar.zone
    years = [at.year for name in ("created_at", "first_touch") for at in _ends(table[name])] or [people.as_of.year]
    first, last = max(min(years), EARLIEST), min(max(years), LATEST) + 2
    working = WorkingTime(calendar, first, last)
    whole_days = WorkingTime(calendar, first, last, whole_days=True)
    start, end = table["created_at"], table["first_touch"]
    local = pl.col("created_at").dt.convert_time_zone(zone)
    table = table.with_columns(
        wait=(pl.col("first_touch") - pl.col("created_at")).dt.total_microseconds() / 1_000_000,
        work_wait=working.between(start, end),
        day_wait=whole_days.between(start, end),
        hour=local.dt.hour(),
        weekday=local.dt.weekday() - 1,
    )
    exact = all(_has_times(table[name], zone) for name in ("created_at", "first_touch"))
    return Speed(
        table.with_columns(
            bucket=_bucket(pl.col("wait"), pl.col("wait"), exact=exact),
            work_bucket=_bucket(pl.col("work_wait"), pl.col("day_wait"), exact=exact),
        ),
        exact,
    )


def _ends(times: pl.Series) -> list[Any]:
    return [each for each in (times.min(), times.max()) if each is not None]


def _has_times(times: pl.Series, zone: str) -> bool:
    local = times.drop_nulls().dt.convert_time_zone(zone)
    timed = int((local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute() > 0).sum())
    return timed > 0 and timed >= TIMED * len(local)


def _bucket(minutes: pl.Expr, hours: pl.Expr, *, exact: bool) -> pl.Expr:
    """Return how soon a lead was called, as one of `BUCKETS`; thirty days are always by the clock."""
    soon = (minutes <= MINUTES_5) if exact else pl.lit(value=False)
    return (
        pl.when(pl.col("first_touch").is_not_null() & soon).then(pl.lit(BUCKETS[0]))
        .when(hours <= HOURS_48).then(pl.lit(BUCKETS[1]))
        .when(pl.col("wait") <= DAYS_30).then(pl.lit(BUCKETS[2]))
        .when(pl.col("first_touch").is_not_null()).then(pl.lit(BUCKETS[3]))
        .when(~pl.col("touched")).then(pl.lit(BUCKETS[4]))
        .when(pl.col("touched_before")).then(pl.lit(BUCKETS[5]))
        .otherwise(pl.lit(BUCKETS[6]))
        .cast(pl.Enum(BUCKETS))
    )  # fmt: skip


def distribution(speed: Speed, column: str) -> list[dict[str, Any]]:
    """Return how many leads fell into each bucket, in their order, empty ones too."""
    counted = dict(speed.table.group_by(column).len().iter_rows())
    return [{"bucket": each, "leads": int(counted.get(each, 0))} for each in BUCKETS]


def by_group(speed: Speed, column: str) -> list[dict[str, Any]]:
    """Return a row for each value of a column: how many leads, how many called in time, the median wait.

    The share is of those called within 48 hours of all leads whose first call is known or did not happen.
    """
    counts = [(pl.col("bucket") == each).sum().alias(each) for each in BUCKETS]
    rows = (
        speed.table.group_by(pl.col(column).alias("group"))
        .agg(
            *counts,
            leads=pl.len(),
            median_seconds=pl.col("wait").median(),
            median_work_seconds=pl.col("work_wait").median(),
            work_soon=(pl.col("work_bucket") == BUCKETS[0]).sum(),
            work_in_time=pl.col("work_bucket").is_in(BUCKETS[:2]).sum(),
        )
        .sort("leads", "group", descending=[True, False], nulls_last=True)
    )
    found = []
    for row in rows.iter_rows(named=True):
        known = row["leads"] - row[BUCKETS[5]] - row[BUCKETS[6]]
        in_time = row[BUCKETS[0]] + row[BUCKETS[1]]
        low, high = wilson(in_time, known) or (None, None)
        share = in_time / known if known else None
        found.append({**row, "within_48_hours": in_time, "of": known, "share": share, "low": low, "high": high})
    return found
