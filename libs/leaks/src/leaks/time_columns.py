"""Times as exports write them, read a column at a time: ISO, day or month first, months by name, any offset.

Whether 3/4 is in March or in April is decided by the whole file: a day above twelve says it. Where nothing does, the
caller is asked.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

Order = Literal["dmy", "mdy"]
INSTANT = pl.Datetime("us", "UTC")

_TAIL = (
    r"(?:[Tt ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<offset>[Zz]|UTC|GMT|utc|gmt|[+-]\d{2}:?\d{2})?$"
)
_YEAR_FIRST = r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _TAIL
_YEAR_LAST = r"^(?P<first>\d{1,2})[-/.](?P<second_part>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _TAIL
_DAY_NAMED = r"^(\d{1,2})\.?[- ](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?[- ](\d{4})"
_MONTH_NAMED = r"^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})"
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: f"{number:02}" for number, name in enumerate(_NAMES, start=1)}
_HALF_DAY = 12


@dataclass
class DayMonthReadings:
    """One column's times under both orders, as far as they differ: `same` for what has but one reading."""

    same: pl.Series
    dmy: pl.Series
    mdy: pl.Series
    unread: int
    """Cells that are filled and are no time."""


def read_times_in_each_order(texts: pl.Series, zone: str) -> DayMonthReadings:
    """Return the times of a column of texts as instants; without an offset they are of `zone`."""
    bare = _month_names_to_numbers(texts.str.strip_chars())
    frame = bare.to_frame("text")
    same = _parse_instants(frame, _YEAR_FIRST, ("year", "month", "day"), zone)
    nothing = pl.Series([None], dtype=INSTANT).new_from_index(0, len(texts))
    dmy = mdy = nothing
    left = same.is_null() & (bare.str.len_bytes() > 0)
    if left.any():
        dmy = _parse_instants(frame, _YEAR_LAST, ("year", "second_part", "first"), zone)
        mdy = _parse_instants(frame, _YEAR_LAST, ("year", "first", "second_part"), zone)
    unread = int((left & dmy.is_null() & mdy.is_null()).sum())
    return DayMonthReadings(same, dmy, mdy, unread)


def _month_names_to_numbers(texts: pl.Series) -> pl.Series:
    """Return texts with months by name written as numbers, the year first."""
    lower = texts.str.to_lowercase()
    if not lower.str.contains(r"[a-su-y]{3}").any():
        return texts
    return (
        lower.to_frame("text")
        .with_columns(day=pl.col("text").str.replace(_DAY_NAMED, "${3}-${2}-${1}"))
        .select(text=pl.col("day").str.replace(_MONTH_NAMED, "${3}-${1}-${2}"))
        .select(pl.col("text").str.replace_many(list(_MONTHS), list(_MONTHS.values())))
        .to_series()
    )


def _parse_instants(frame: pl.DataFrame, pattern: str, parts: tuple[str, str, str], zone: str) -> pl.Series:
    """Return texts as instants by a pattern whose year, month and day have these names; null where it does not fit."""
    year, month, day = parts
    cut = frame.select(pl.col("text").str.extract_groups(pattern).alias("part")).unnest("part")
    hour = pl.col("hour").cast(pl.Int32, strict=False).fill_null(0)
    half = pl.col("half").str.to_lowercase().str.head(1)
    hour = pl.when(half.is_null()).then(hour).otherwise(hour % _HALF_DAY + (half == "p").cast(pl.Int32) * _HALF_DAY)
    full_year = pl.when(pl.col(year).str.len_bytes() < len("2026")).then("20" + pl.col(year)).otherwise(pl.col(year))
    written = pl.concat_str(
        full_year, pl.lit("-"), pl.col(month), pl.lit("-"), pl.col(day), pl.lit(" "), hour.cast(pl.String),
        pl.lit(":"), pl.col("minute").fill_null("00"), pl.lit(":"), pl.col("second").fill_null("00"),
    )  # fmt: skip
    local = cut.with_columns(at=written.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False))
    signs = pl.col("offset").str.extract(r"([+-])", 1)
    minutes = pl.col("offset").str.extract(r"(\d{2}):?\d{2}", 1).cast(pl.Int64) * 60 + pl.col("offset").str.extract(
        r"\d{2}:?(\d{2})", 1
    ).cast(pl.Int64)
    east = pl.when(signs == "-").then(-minutes).otherwise(minutes).fill_null(0)
    given = (pl.col("at") - pl.duration(minutes=east)).dt.replace_time_zone("UTC")
    return local.select(
        pl.when(pl.col("offset").is_null()).then(_local_to_instant_expression(zone)).otherwise(given)
    ).to_series()


def _local_to_instant_expression(zone: str) -> pl.Expr:
    """Return local times as instants; what daylight saving skips is an hour later, what it repeats is the first."""
    at = pl.col("at")
    exact = at.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    skipped = (at + pl.duration(hours=1)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(exact, skipped).dt.convert_time_zone("UTC")


@dataclass
class DateOrderCounts:
    """How many of a file's times can be read in each order, to find which it has."""

    dmy: int = 0
    mdy: int = 0
    differ: int = 0
    """Times that are another instant in the other order."""

    def add(self, readings: DayMonthReadings) -> None:
        """Count a batch of a column."""
        self.dmy += len(readings.dmy) - readings.dmy.null_count()
        self.mdy += len(readings.mdy) - readings.mdy.null_count()
        self.differ += int((readings.dmy != readings.mdy).sum() or 0)

    @property
    def best_order(self) -> Order | None:
        """The order that reads more; None where both read all and say different things."""
        if self.dmy != self.mdy:
            return "dmy" if self.dmy > self.mdy else "mdy"
        return None if self.differ else "dmy"
