"""Publish when each rep works, for whoever makes promises in their time: whole, and only where something changed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from events.business_time import Calendar
from events.parts import FIRST_YEAR, LAST_YEAR
from events.reps import RepAbsence, RepChanged, WorkingHours
from routing.domain.reps import Rep
from routing.playbook import Absence


def changed_calendar_events(
    reps: Iterable[Rep], published: Mapping[str, RepChanged], now: datetime
) -> list[RepChanged]:
    """Return an event for each rep whose hours or absences are others than those last published.

    Nobody asks about a rep without hours and absences, so nothing is published until they have some.
    """
    found = []
    for rep in reps:
        last = published.get(rep.rep_id)
        event = RepChanged(
            occurred_at=now,
            rep_id=rep.rep_id,
            revision=last.revision + 1 if last else 1,
            hours=list(_calendar_to_working_hours(rep.works)) if rep.works is not None else [],
            absences=list(_absences_to_publish(rep)),
        )
        if (event.hours, event.absences) != ((last.hours, last.absences) if last else ([], [])):
            found.append(event)
    return found


def _calendar_to_working_hours(calendar: Calendar) -> Iterator[WorkingHours]:
    for shift in calendar.shifts:
        yield from _calendar_to_working_hours(shift)
    if not calendar.shifts:
        yield WorkingHours.read(calendar.model_dump(mode="json", exclude={"shifts"}))


def _absences_to_publish(rep: Rep) -> Iterator[RepAbsence]:
    for absence in rep.absences:
        if absence.first.year < LAST_YEAR and absence.last.year >= FIRST_YEAR:
            over = absence.ends_at(rep.zone)
            yield RepAbsence(
                begins_at=absence_begins_at(absence, rep.zone), ends_at=over if over.year < LAST_YEAR else None
            )


def absence_begins_at(absence: Absence, zone: ZoneInfo) -> datetime:
    """Return the instant at which an absence begins, in UTC and within the years of events."""
    first: date = absence.first
    if first.year < FIRST_YEAR:
        return datetime(FIRST_YEAR, 1, 2, tzinfo=UTC)
    begins = first if isinstance(first, datetime) else datetime.combine(first, time(), zone)
    return max(begins.astimezone(UTC), datetime(FIRST_YEAR, 1, 1, tzinfo=UTC))
