"""How soon leads were first called: against 5 minutes, 48 hours and 30 days, by the clock and in working time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from events.business_time import Calendar
from events.intervals import compute_wilson_interval
from leaks.lead_table import LISTED, LeadTable
from leaks.medians import compute_medians
from leaks.parts import BLOCK, collect_table
from leaks.working_time import WorkingTime

MINUTES_5, HOURS_48, DAYS_30 = 300, 48 * 3600, 30 * 86400
BUCKETS = ("5 minutes", "48 hours", "30 days", "later", "never", "before it came in", "unknown when")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TIMED = 0.5
"""So large a share of times away from midnight shows that a column has times and not only dates."""

EARLIEST, LATEST = 1990, 2100
"""Years that a calendar is computed for; a date beyond them is a slip of the pen."""


@dataclass
class FirstCallSpeed:
    """The leads with how long each waited, and what the file's times allow to say."""

    table: pl.LazyFrame
    has_minutes: bool
    """Whether the times are exact; dates alone say nothing of five minutes."""


def measure_speed(leads: LeadTable, calendar: Calendar) -> FirstCallSpeed:
    """Write the leads with how long each waited to disk, and return them.

    They have `wait` and `work_wait` (seconds), `bucket` and `work_bucket`, and the local hour and weekday.
    """
    years, exact = _find_years_and_time_precision(leads, calendar.zone)
    first, last = max(min(years), EARLIEST), min(max(years), LATEST) + 2
    working = WorkingTime(calendar, first, last)
    whole_days = WorkingTime(calendar, first, last, whole_days=True)
    local = pl.col("created_at").dt.convert_time_zone(calendar.zone)
    folder, blocks = leads.folder.create_subfolder("speed"), []
    for path in leads.blocks:
        table = pl.read_parquet(path, columns=[*LISTED, "hand_raised", "touched", "touched_before"])
        start, end = table["created_at"], table["first_touch"]
        table = table.with_columns(
            wait=(pl.col("first_touch") - pl.col("created_at")).dt.total_microseconds() / 1_000_000,
            work_wait=working.working_seconds_between(start, end),
            day_wait=whole_days.working_seconds_between(start, end),
            hour=local.dt.hour(),
            weekday=local.dt.weekday() - 1,
        ).with_columns(
            bucket=_wait_bucket_expression(pl.col("wait"), pl.col("wait"), exact=exact),
            work_bucket=_wait_bucket_expression(pl.col("work_wait"), pl.col("day_wait"), exact=exact),
        )
        blocks.append(folder / path.name)
        table.write_parquet(blocks[-1], compression="lz4", row_group_size=BLOCK // 4)
    return FirstCallSpeed(pl.scan_parquet(blocks), exact)


def _find_years_and_time_precision(leads: LeadTable, zone: str) -> tuple[list[int], bool]:
    """Return the first and last years of the leads, and whether their times have minutes or are dates alone."""
    asked = []
    for name in ("created_at", "first_touch"):
        local = pl.col(name).dt.convert_time_zone(zone)
        timed = (local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute() > 0).sum()
        asked += [
            pl.col(name).min().alias(f"{name}:first"), pl.col(name).max().alias(f"{name}:last"),
            ((timed > 0) & (timed >= TIMED * pl.col(name).count())).alias(f"{name}:timed"),
        ]  # fmt: skip
    found = collect_table(leads.table.select(asked)).row(0)
    years = [at.year for at in found if isinstance(at, datetime)]
    return years or [leads.as_of.year], all(each for each in found if isinstance(each, bool))


def _wait_bucket_expression(minutes: pl.Expr, hours: pl.Expr, *, exact: bool) -> pl.Expr:
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


def count_by_wait(speed: FirstCallSpeed, column: str) -> list[dict[str, Any]]:
    """Return how many leads fell into each bucket, in their order, empty ones too."""
    counted = dict(collect_table(speed.table.group_by(column).len()).iter_rows())
    return [{"bucket": each, "leads": int(counted.get(each, 0))} for each in BUCKETS]


def summarize_by_group(speed: FirstCallSpeed, column: str) -> list[dict[str, Any]]:
    """Return a row for each value of a column: how many leads, how many called in time, the median wait.

    The share is of those called within 48 hours of all leads whose first call is known or did not happen.
    """
    counts = [(pl.col("bucket") == each).sum().alias(each) for each in BUCKETS]
    counted = collect_table(
        speed.table.group_by(pl.col(column).alias("group")).agg(
            *counts,
            leads=pl.len(),
            work_soon=(pl.col("work_bucket") == BUCKETS[0]).sum(),
            work_in_time=pl.col("work_bucket").is_in(BUCKETS[:2]).sum(),
        )
    )
    waits, work_waits = (compute_medians(speed.table, column, name) for name in ("wait", "work_wait"))
    found = []
    for row in counted.sort("leads", "group", descending=[True, False], nulls_last=True).iter_rows(named=True):
        group = row["group"]
        usual = {"median_seconds": waits.get(group), "median_work_seconds": work_waits.get(group)}
        known = row["leads"] - row[BUCKETS[5]] - row[BUCKETS[6]]
        in_time = row[BUCKETS[0]] + row[BUCKETS[1]]
        low, high = compute_wilson_interval(in_time, known) or (None, None)
        share = in_time / known if known else None
        found.append(
            {**row, **usual, "within_48_hours": in_time, "of": known, "share": share, "low": low, "high": high}
        )
    return found
