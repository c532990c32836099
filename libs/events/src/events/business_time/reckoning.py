"""When a promise runs out, and how much of it has run: two look-ups in a year's working time."""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta

from events.business_time.calendars import Calendar, PromiseLength
from events.business_time.stretches import WorkingYear, compute_working_year

_FAR = 10
"""Years; a promise that is not due by then is a mistake in the playbook."""
_NOTHING = timedelta()


class NeverDue(Exception):
    """The calendar has no working time in the next ten years."""


def compute_due_at(start: datetime, promise: PromiseLength, calendar: Calendar, share: float = 1.0) -> datetime:
    """Return the instant (UTC) at which `share` of a promise that starts at `start` has run out.

    It is the earliest such instant: eight hours from nine in the morning end when the day does, not next morning.
    Raises `NeverDue` where the calendar has no such time.
    """
    length = promise.length if share == 1.0 else promise.length * share
    return add_promised_time(start, length, promise, calendar)


def add_promised_time(start: datetime, length: timedelta, promise: PromiseLength, calendar: Calendar) -> datetime:
    """Return the instant (UTC) at which so much of the promise's own kind of time has passed since `start`."""
    if not promise.is_working_time:
        return start + length
    start, whole_days = _to_utc(start), promise.unit == "w"
    first = compute_working_year(calendar, start.year, whole_days=whole_days)
    wanted = length + _working_time_before(first, start)
    for year in range(start.year, start.year + _FAR + 1):
        table = compute_working_year(calendar, year, whole_days=whole_days)
        if wanted <= table.working_time:
            nth = bisect_left(table.by, wanted)
            return table.opens[nth] + (wanted - table.before[nth])
        wanted -= table.working_time
    raise NeverDue(promise.text)


def measure_elapsed(start: datetime, end: datetime, promise: PromiseLength, calendar: Calendar) -> timedelta:
    """Return how much of the promise's own kind of time passes between two instants."""
    return (
        _measure_between(start, end, calendar, whole_days=promise.unit == "w")
        if promise.is_working_time
        else end - start
    )


def measure_working_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Return the working time between two instants."""
    return _measure_between(start, end, calendar, whole_days=False)


def _measure_between(start: datetime, end: datetime, calendar: Calendar, *, whole_days: bool) -> timedelta:
    start, end = _to_utc(start), _to_utc(end)
    years = [compute_working_year(calendar, year, whole_days=whole_days) for year in range(start.year, end.year)]
    last = compute_working_year(calendar, end.year, whole_days=whole_days)
    first = years[0] if years else last
    return sum((table.working_time for table in years), _working_time_before(last, end)) - _working_time_before(
        first, start
    )


def _working_time_before(year: WorkingYear, at: datetime) -> timedelta:
    """Return the working time of a year before an instant of it."""
    nth = bisect_right(year.opens, at)
    if nth == 0:
        return _NOTHING
    return min(year.by[nth - 1], year.before[nth - 1] + (at - year.opens[nth - 1]))


def _to_utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else at.astimezone(UTC)
