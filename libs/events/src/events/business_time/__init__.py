"""Time that runs only while somebody works: pure, for every service that promises or waits by a calendar."""

from events.business_time.calendars import Block, Calendar, Duration, Hours, Span, span
from events.business_time.openings import opening
from events.business_time.reckoning import NeverDue, after, passed, run_out, worked

__all__ = [
    "Block",
    "Calendar",
    "Duration",
    "Hours",
    "NeverDue",
    "Span",
    "after",
    "opening",
    "passed",
    "run_out",
    "span",
    "worked",
]
