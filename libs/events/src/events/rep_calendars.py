"""What services that wait for reps read out of `rep.changed.v1`: a calendar, and stretches of absence."""

from collections.abc import Sequence
from datetime import UTC, datetime

from events.business_time import Calendar, NeverDue, find_next_opening
from events.parts import LAST_YEAR
from events.reps import RepAbsence, WorkingHours

NOBODY_KNOWS = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
"""The end of an absence that names none."""


def calendar_from_hours(hours: Sequence[WorkingHours], at: datetime) -> Calendar | None:
    """Return the calendar of somebody who works while any of these hours is open.

    None where they have no hours, or none from `at` on: a promise must fall due some day.

    Raises:
        ValueError: The hours make no calendar.
    """
    shifts = [Calendar.model_validate(each.as_json(filled=True)) for each in hours]
    if not shifts:
        return None
    calendar = shifts[0] if len(shifts) == 1 else Calendar(shifts=tuple(shifts))
    try:
        find_next_opening(at, calendar)
    except NeverDue:
        return None
    return calendar


def absence_stretches(absences: Sequence[RepAbsence]) -> tuple[tuple[datetime, datetime], ...]:
    """Return absences as stretches."""
    return tuple((away.begins_at, away.ends_at or NOBODY_KNOWS) for away in absences)
