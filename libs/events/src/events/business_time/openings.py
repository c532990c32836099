"""When somebody who works by a calendar is there, and when they are there next."""

from bisect import bisect_right
from datetime import UTC, datetime

from events.business_time.calendars import Calendar
from events.business_time.reckoning import NeverDue
from events.business_time.stretches import compute_working_year

_FAR = 10
"""Years; a calendar without an opening until then is a mistake."""


def find_next_opening(at: datetime, calendar: Calendar) -> datetime:
    """Return the first instant (UTC) from `at` on that is working time: `at` itself where it is.

    Raises `NeverDue` where the calendar has none in the next ten years.
    """
    at = at.astimezone(UTC)
    for year in range(at.year, at.year + _FAR + 1):
        table = compute_working_year(calendar, year, whole_days=False)
        nth = bisect_right(table.opens, at)
        if nth and at < table.closes[nth - 1]:
            return at
        if nth < len(table.opens):
            return table.opens[nth]
    raise NeverDue("no opening")
