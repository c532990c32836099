"""When reps work, as routing published it: each revision holds from its instant on, and never before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from events.business_time import Calendar, NeverDue, find_next_opening
from events.parts import LAST_YEAR
from events.reps import RepAbsence, WorkingHours
from sla_monitor.domain.due_dates import Stretch

NOBODY_KNOWS = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
"""The end of an absence that names none."""


@dataclass(frozen=True, slots=True)
class RepCalendarRevision:
    """One revision: the rep's hours (None: none of their own) and absences, which hold from `since` on."""

    since: datetime
    calendar: Calendar | None
    absences: tuple[Stretch, ...] = ()


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


def absence_stretches(absences: Sequence[RepAbsence]) -> tuple[Stretch, ...]:
    """Return absences as stretches."""
    return tuple((away.begins_at, away.ends_at or NOBODY_KNOWS) for away in absences)


def calendar_in_force(calendars: Sequence[RepCalendarRevision], at: datetime) -> RepCalendarRevision | None:
    """Return what held at an instant, of revisions in their order; None: nothing was published yet."""
    return next((each for each in reversed(calendars) if each.since <= at), None)


def absences_between(
    calendars: Sequence[RepCalendarRevision], since: datetime, until: datetime | None
) -> list[Stretch]:
    """Return the absences of a rep between two instants, as they were known at the time.

    An absence that was entered when it had begun counts from then on; one that was taken back counts until then.
    """
    found = []
    for each, later in zip(calendars, [*calendars[1:], None], strict=False):
        ends = [it for it in (until, later.since if later else None) if it is not None]
        for begins, over in each.absences:
            stands, goes_on = max(begins, since, each.since), min([over, *ends])
            if stands < goes_on:
                found.append((stands, goes_on))
    return found
