"""When reps work, as routing published it: each revision holds from its instant on, and never before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from events.business_time import Calendar
from sla_monitor.domain.due_dates import Stretch


@dataclass(frozen=True, slots=True)
class RepCalendarRevision:
    """One revision: the rep's hours (None: none of their own) and absences, which hold from `since` on."""

    since: datetime
    calendar: Calendar | None
    absences: tuple[Stretch, ...] = ()


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
