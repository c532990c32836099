"""A team's working time for whole columns: the same tables as `events.business_time`, looked up a column at a time."""

from datetime import UTC, datetime

import polars as pl

from events.business_time import Calendar
from events.business_time.stretches import compute_working_year

_MICRO = 1_000_000


class WorkingTime:
    """How much working time passed before an instant, and when so much has passed.

    Args:
        calendar: The hours of the team.
        first: The earliest year that is asked for.
        last: The latest one.
        whole_days: Whether a day with any hours counts from midnight to midnight.
    """

    def __init__(self, calendar: Calendar, first: int, last: int, *, whole_days: bool = False) -> None:
        opens: list[int] = []
        before: list[int] = []
        by: list[int] = []
        done = 0
        for year in range(first, last + 1):
            table = compute_working_year(calendar, year, whole_days=whole_days)
            for start, end in zip(table.opens, table.closes, strict=True):
                opens.append(_epoch_microseconds(start))
                before.append(done)
                done += _epoch_microseconds(end) - _epoch_microseconds(start)
                by.append(done)
        self._opens = pl.Series(opens, dtype=pl.Int64)
        self._before = pl.Series(before, dtype=pl.Int64)
        self._by = pl.Series(by, dtype=pl.Int64)

    def working_time_before(self, at: pl.Series) -> pl.Series:
        """Return the working microseconds before each instant (null stays null)."""
        micros = at.dt.epoch("us")
        nth = self._opens.search_sorted(micros.fill_null(0), side="right").cast(pl.Int64) - 1
        safe = nth.clip(0)
        frame = pl.DataFrame(
            {"at": micros, "nth": nth, "opens": self._opens.gather(safe), "before": self._before.gather(safe)}
        ).with_columns(by=self._by.gather(safe))
        return frame.select(
            pl.when(pl.col("at").is_null())
            .then(None)
            .when(pl.col("nth") < 0)
            .then(0)
            .otherwise(pl.min_horizontal("by", pl.col("before") + pl.col("at") - pl.col("opens")))
        ).to_series()

    def working_seconds_between(self, start: pl.Series, end: pl.Series) -> pl.Series:
        """Return the working seconds between two columns of instants, null where either is missing."""
        return (self.working_time_before(end) - self.working_time_before(start)) / _MICRO

    def add_working_seconds(self, start: pl.Series, seconds: float) -> pl.Series:
        """Return the instant by which so much working time has passed since each start."""
        wanted = self.working_time_before(start) + round(seconds * _MICRO)
        nth = self._by.search_sorted(wanted.fill_null(0), side="left").cast(pl.Int64).clip(0, len(self._by) - 1)
        micros = self._opens.gather(nth) + wanted - self._before.gather(nth)
        return micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _epoch_microseconds(at: datetime) -> int:
    return round((at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * _MICRO
