"""Time that runs only while somebody works: pure, for every service that promises or waits by a calendar."""

from events.business_time.calendars import Block, Calendar, Duration, Hours, PromiseLength, parse_duration
from events.business_time.openings import find_next_opening
from events.business_time.reckoning import (
    NeverDue,
    add_promised_time,
    compute_due_at,
    measure_elapsed,
    measure_working_time,
)

__all__ = [
    "Block",
    "Calendar",
    "Duration",
    "Hours",
    "NeverDue",
    "PromiseLength",
    "add_promised_time",
    "compute_due_at",
    "find_next_opening",
    "measure_elapsed",
    "measure_working_time",
    "parse_duration",
]
