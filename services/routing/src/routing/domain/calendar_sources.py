"""Decide when a rep's calendar is read again, whether it brought anything new, and say what is wrong with it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from routing.domain.absence_calendar import MAX_ABSENCES
from routing.domain.published_calendars import absence_begins_at
from routing.playbook import Absence

LONGEST_PAUSE = timedelta(hours=6)
"""Between two tries of a calendar that cannot be read, unless it is read more rarely anyway."""
WHOLE_AFTER = timedelta(days=1)
"""So often a calendar is asked for as a whole, whatever it says of being unchanged.

Time passes in recurring events though the file stays; and there are servers that call every calendar unchanged.
"""

PROBLEMS = {
    "address_refused": "The address leads to a network in which calendars may not be read. Name a public https address,"
    " or ask the operator to allow its host (`BATON_CALENDAR_HOSTS`).",
    "address_unreadable": "The address that was saved cannot be read with this installation's secret. Name it again.",
    "certificate_invalid": "The host's certificate does not prove that it is the calendar's. Check the address, or ask"
    " the operator to trust its authority (`BATON_CALENDAR_CA`).",
    "access_denied": "The calendar's host shows it to nobody without signing in. Publish it again there, and name the"
    " new address here.",
    "calendar_gone": "The calendar's host has nothing at this address any more. Copy the address there again, and name"
    " it here.",
    "host_failing": "The calendar's host answers that it cannot just now. It is tried again by itself.",
    "host_unreachable": "The calendar's host does not answer. It is tried again by itself; if this stays, check the"
    " address.",
    "too_slow": "The calendar's host takes too long. It is tried again by itself.",
    "too_many_redirects": "The address leads on to others, time and again. Open it in a browser, and name the address"
    " at which it ends.",
    "redirect_refused": "The address leads on to one that is not https. Name the https address of the calendar itself.",
    "too_large": "The calendar is larger than 4 MB. Publish a shorter time of it, or a calendar with busy times alone.",
    "takes_too_long": "The calendar takes too long to read. Publish a shorter time of it, or a calendar with busy times"
    " alone.",
    "calendar_too_complex": "The calendar takes too much memory to read. Publish a shorter time of it, or a calendar"
    " with busy times alone.",
    "calendar_not_understood": "The calendar has an event of which it is not understood when it is, such as one that"
    " recurs by another than the Gregorian calendar, or one occurrence that changes all later ones. Nothing of the"
    " calendar is read until it is changed or taken out.",
    "reading_failed": "Reading the calendar failed here, not at its host. It is tried again by itself; if this stays,"
    " tell the operator, whose log says more.",
    "not_a_calendar": "There is no iCalendar file at this address, perhaps a page for people. Name the address that"
    " ends in `.ics` or is called iCal.",
    "calendar_refused": "The calendar has recurring events or whole days that are more than anybody is away. Take them"
    " out, or publish another calendar.",
}
"""What went wrong and what to do, by its name."""


def next_read_at(now: datetime, every: timedelta, failures: int) -> datetime:
    """Return when to read a calendar again; after failures in pauses that double up to `LONGEST_PAUSE`."""
    pause: timedelta = min(every * 2 ** min(failures, 10), max(every, LONGEST_PAUSE))
    return now + pause


def may_be_unchanged(whole_at: datetime | None, now: datetime) -> bool:
    """Return whether the host may answer that nothing changed."""
    return whole_at is not None and now < whole_at + WHOLE_AFTER


def covered_until(found: Sequence[Absence], until: datetime, zone: ZoneInfo) -> datetime:
    """Return up to when these absences of a file are all that it has."""
    hours = [each.ends_at(zone) for each in found if isinstance(each.first, datetime)]
    return max(hours, default=until) if len(found) >= MAX_ABSENCES else until


def brings_news(
    before: Collection[Absence],
    covered: tuple[datetime | None, datetime],
    found: Collection[Absence],
    now: datetime,
    zone: ZoneInfo,
) -> bool:
    """Return whether absences that were read are to be saved: they differ by more than the time that went by.

    What is over is left out, and what only comes into sight waits until it is a day's worth: a rep's hours are
    published whole, and not after each meeting.

    Args:
        before: The absences that are saved.
        covered: Up to when these are all of the calendar (None: nobody knows), and up to when `found` is.
        found: The absences that were read.
        now: The business time.
        zone: The rep's.
    """
    covered_before, covered_now = covered
    if covered_before is None or covered_now >= covered_before + WHOLE_AFTER:
        return True
    known = [absence for absence in before if absence.imported]
    later = {absence for absence in known if absence_begins_at(absence, zone) >= covered_before}
    return not later.issubset(found) or _clip(known, (now, covered_before), zone) != _clip(
        found, (now, covered_before), zone
    )


def _clip(
    absences: Iterable[Absence], window: tuple[datetime, datetime], zone: ZoneInfo
) -> set[tuple[datetime, datetime]]:
    """Return the absences within a window, without what is before or after it.

    A meeting of several that follow one another ended, or came into sight: the absence is shorter or longer by it.
    """
    since, until = window
    times = ((absence_begins_at(each, zone), each.ends_at(zone)) for each in absences)
    return {(max(begins, since), min(ends, until)) for begins, ends in times if ends > since and begins < until}
