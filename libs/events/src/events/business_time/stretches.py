"""A calendar's working time as stretches of UTC, a year at a time.

The rule is one sentence: an instant counts if the wall clock of the calendar's zone then shows a time inside a block
of that local date. So an hour that daylight saving skips counts for nothing and one that it repeats counts twice, and
no block needs a rule of its own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from events.business_time.calendars import Block, Calendar

_WHOLE_DAY: tuple[Block, ...] = ((0, 24 * 60),)
_DAY = timedelta(days=1)
_LOOK = timedelta(hours=6)
"""No zone changes its offset twice within so short a time."""

Stretch = tuple[datetime, datetime]


class WorkingYear(NamedTuple):
    """The working stretches of one UTC year, in order, with the work done before and after each."""

    opens: list[datetime]
    closes: list[datetime]
    before: list[timedelta]
    by: list[timedelta]

    @property
    def working_time(self) -> timedelta:
        """The working time of the whole year."""
        return self.by[-1] if self.by else timedelta()


def compute_working_year(calendar: Calendar, year: int, *, whole_days: bool) -> WorkingYear:
    """Return a calendar's working time in a UTC year; with `whole_days` a day that has any counts from midnight on."""
    found: WorkingYear | None = calendar.cached_years.get((year, whole_days))
    if found is None:
        found = calendar.cached_years[year, whole_days] = _compute_working_year(calendar, year, whole_days=whole_days)
    return found


def _compute_working_year(calendar: Calendar, year: int, *, whole_days: bool) -> WorkingYear:
    table, done = WorkingYear([], [], [], []), timedelta()
    for opens, closes in _join_stretches(_working_stretches(calendar, year, whole_days=whole_days)):
        table.opens.append(opens)
        table.closes.append(closes)
        table.before.append(done)
        done += closes - opens
        table.by.append(done)
    return table


def _join_stretches(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    """Put stretches in order and join those that touch or overlap."""
    running: Stretch | None = None
    for opens, closes in sorted(stretches):
        if running is None:
            running = opens, closes
        elif opens <= running[1]:
            running = running[0], max(running[1], closes)
        else:
            yield running
            running = opens, closes
    if running is not None:
        yield running


def _working_stretches(calendar: Calendar, year: int, *, whole_days: bool) -> Iterator[Stretch]:
    for shift in calendar.shifts:
        yield from _working_stretches(shift, year, whole_days=whole_days)
    if calendar.shifts:
        return
    for start, end, offset in _stretches_of_constant_offset(calendar.zone, year):
        day, last_day = (start + offset).date(), (end + offset).date()
        while day <= last_day:
            blocks = calendar.blocks_on(day)
            midnight = datetime.combine(day, time(), UTC) - offset
            for first, last in _WHOLE_DAY if whole_days and blocks else blocks:
                opens = max(start, midnight + timedelta(minutes=first))
                closes = min(end, midnight + timedelta(minutes=last))
                if opens < closes:
                    yield opens, closes
            day += _DAY


@lru_cache(maxsize=1024)
def _stretches_of_constant_offset(zone: str, year: int) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Return the stretches of constant UTC offset of a UTC year: start and end, and the offset."""
    local = ZoneInfo(zone)
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    found: list[tuple[datetime, datetime, timedelta]] = []
    while start < end:
        offset = _utc_offset_at(start, local)
        turn = min(end, start + _LOOK)
        if _utc_offset_at(turn, local) != offset:
            turn = _find_offset_change(start, turn, local)
        if found and found[-1][2] == offset:
            found[-1] = (found[-1][0], turn, offset)
        else:
            found.append((start, turn, offset))
        start = turn
    return tuple(found)


def _utc_offset_at(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _find_offset_change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Find the second at which the offset of `low` ends, before `high`."""
    before = _utc_offset_at(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if _utc_offset_at(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high
