"""Time that runs only while a team works.

The rule is one sentence: an instant counts if the wall clock of the calendar's zone then shows a time inside a block
of that local date. So an hour that daylight saving skips counts for nothing and one that it repeats counts twice, and
no block needs a rule of its own.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from events.business_time.calendars import Block, Calendar, Span

_WHOLE_DAY: tuple[Block, ...] = ((0, 24 * 60),)
_ONE_DAY = timedelta(days=1)
_WIDEST_OFFSET = timedelta(hours=26)
_FAR = 3660
"""Days; a promise that is not due in ten years is a mistake in the playbook."""

Stretch = tuple[datetime, datetime]


class NeverDue(Exception):
    """The calendar has no working time in the next ten years."""


@lru_cache(maxsize=4096)
def _offsets(zone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Give the stretches of constant UTC offset around a local date: start and end in UTC, and the offset."""
    local = ZoneInfo(zone)
    start = datetime.combine(day, time(), UTC) - _WIDEST_OFFSET
    end = start + timedelta(days=1) + 2 * _WIDEST_OFFSET
    found: list[tuple[datetime, datetime, timedelta]] = []
    while start < end:
        offset = _offset(start, local)
        turn = min(end, start + timedelta(hours=6))
        if _offset(turn, local) != offset:
            turn = _turn(start, turn, local)
        if found and found[-1][2] == offset:
            found[-1] = (found[-1][0], turn, offset)
        else:
            found.append((start, turn, offset))
        start = turn
    return tuple(found)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _turn(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Find the second at which the offset of `low` ends, before `high`."""
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


@lru_cache(maxsize=16384)
def _stretches(zone: str, day: date, blocks: tuple[Block, ...]) -> tuple[Stretch, ...]:
    """Give the UTC stretches of a local date during which the wall clock is inside one of the blocks."""
    midnight = datetime.combine(day, time(), UTC)
    found = []
    for start, end, offset in _offsets(zone, day):
        for first, last in blocks:
            opens = max(start, midnight + timedelta(minutes=first) - offset)
            closes = min(end, midnight + timedelta(minutes=last) - offset)
            if opens < closes:
                found.append((opens, closes))
    return tuple(sorted(found))


def _working(calendar: Calendar, day: date, *, whole_days: bool) -> tuple[Stretch, ...]:
    blocks = calendar.blocks_on(day)
    if not blocks:
        return ()
    return _stretches(calendar.zone, day, _WHOLE_DAY if whole_days else blocks)


def _from(calendar: Calendar, start: datetime, *, whole_days: bool) -> Iterator[Stretch]:
    """Give the working stretches from `start` on, in order, for ten years."""
    day = start.astimezone(ZoneInfo(calendar.zone)).date()
    for _ in range(_FAR):
        for opens, closes in _working(calendar, day, whole_days=whole_days):
            if closes > start:
                yield max(opens, start), closes
        day += _ONE_DAY


def after(start: datetime, promise: Span, calendar: Calendar, share: float = 1.0) -> datetime:
    """Give the instant (UTC) at which `share` of a promise that starts at `start` has run out.

    It is the earliest such instant: eight hours from nine in the morning end when the day does, not next morning.
    Raises `NeverDue` where the calendar has no such time.
    """
    left = promise.length if share == 1.0 else promise.length * share
    if not promise.on_calendar:
        return start + left
    for opens, closes in _from(calendar, start, whole_days=promise.unit == "w"):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise NeverDue(promise.text)


def worked(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Give the working time between two instants."""
    stretches = takewhile(lambda stretch: stretch[0] < end, _from(calendar, start, whole_days=False))
    return sum((min(closes, end) - opens for opens, closes in stretches), timedelta())
