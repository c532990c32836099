"""Absences from a calendar file (iCalendar, RFC 5545).

Each event that blocks time is an absence: whole days as days, others from instant to instant. Recurring events are
computed up to `until`; an occurrence that was moved or cancelled is where it was moved to, or left out. What its owner
declined, is free during, or works through somewhere else blocks no time. Nothing else of an event is looked at.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, vRecur
from icalendar.timezone import tzp

from events.meeting_files import OUR_UID
from routing.playbook import Absence

MAX_OCCURRENCES = 20_000
"""How many occurrences of a rule are computed: a daily one for fifty years."""

MAX_ABSENCES = 200
"""How many are kept of a file, recurring ones counted each time: whole days, then the hours that come soonest."""

MAX_RULES = 200
"""How many events of a file may recur that are not known to be over."""

RULES_OF_DAYS = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
"""Nobody is absent every hour; and a rule of hours that never comes true is looked for second by second."""

CYCLE = 400
"""Years after which the calendar is the same again, leap years and days of the week."""

FREE = {"FREE", "WORKINGELSEWHERE"}
"""What Outlook says of an event that blocks no time, also where `TRANSP` says that it does."""

_MICROSOFT_ZONE = re.compile(rb"(?<=TZID[=:])tzone://Microsoft/(?:(Utc)|)")
"""How Outlook names some zones: with a colon, which ends a parameter."""

_ZONES = Lock()
"""The library keeps a file's own zones by their name, for every later file in the process."""


class TooMuchInCalendarError(ValueError):
    """A calendar has more recurring events or whole days than anybody is away."""


def parse_absences(text: bytes, zone: ZoneInfo, now: datetime, until: datetime) -> tuple[Absence, ...]:
    """Return the absences in a calendar file that are not over, in the order of their end.

    A year of daily meetings is more than is kept; the next file brings those that were left out.

    Args:
        text: The file's bytes.
        zone: The rep's zone, for times without a zone.
        now: Absences that ended before are left out.
        until: Recurring events are computed up to here.

    Raises:
        ValueError: Not an iCalendar file; `TooMuchInCalendarError`, too many rules, or whole days.
    """
    try:
        with _ZONES, warnings.catch_warnings(action="ignore"):
            tzp.use_default()
            found = sorted(
                _events_to_absences(_read_calendar_events(text, zone, now), zone, now, until),
                key=lambda each: each.ends_at(zone),
            )
    except TooMuchInCalendarError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise ValueError("not an iCalendar file") from error
    days = [absence for absence in found if not isinstance(absence.first, datetime)]
    if len(days) > MAX_ABSENCES:
        raise TooMuchInCalendarError(f"more than {MAX_ABSENCES} absences of whole days")
    hours = [absence for absence in found if isinstance(absence.first, datetime)]
    return tuple(sorted([*days, *hours[: MAX_ABSENCES - len(days)]], key=lambda absence: absence.ends_at(zone)))


def _read_calendar_events(text: bytes, zone: ZoneInfo, now: datetime) -> list[Any]:
    calendar = Calendar.from_ical(_MICROSOFT_ZONE.sub(lambda found: (found[1] or b"").upper(), text))
    if calendar.name != "VCALENDAR":
        raise ValueError("not a calendar")
    owner = str(calendar.get("X-WR-CALNAME", "")).lower()
    events = [event for event in calendar.walk("VEVENT") if not _is_over(event, zone, now)]
    if sum("RRULE" in event for event in events) > MAX_RULES:
        raise TooMuchInCalendarError("more recurring events than an iCalendar file may have")
    for event in events:
        event["X-FREE"] = not _blocks_time(event, owner)
    return events


def _is_over(event: Any, zone: ZoneInfo, now: datetime) -> bool:
    """Return whether a rule ended so long ago that nothing of it is left; what else is over costs nothing."""
    ends = event["RRULE"].get("UNTIL", []) if "RRULE" in event else []
    return bool(ends) and _to_utc_instant(ends[0], zone) + (event.end - event.start) + timedelta(days=1) < now


def _blocks_time(event: Any, owner: str) -> bool:
    """Return whether the owner is busy during an event; Google names a calendar by its owner's address.

    A meeting that Baton mailed to the rep is known without the calendar, which may not yet have been told of its end.
    """
    if str(event.get("UID", "")).endswith(OUR_UID):
        return False
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "BUSY")).upper() in FREE:
        return False
    asked = event.get("ATTENDEE", [])
    theirs = [each for each in (asked if isinstance(asked, list) else [asked]) if each.lower() == f"mailto:{owner}"]
    return not any(str(each.params.get("PARTSTAT", "")).upper() == "DECLINED" for each in theirs)


def _events_to_absences(events: list[Any], zone: ZoneInfo, now: datetime, until: datetime) -> Iterator[Absence]:
    moved = {
        (str(event.get("UID")), _to_utc_instant(event["RECURRENCE-ID"].dt, zone))
        for event in _recurrence_exceptions(events)
    }
    for event in events:
        if event["X-FREE"]:
            continue
        first, last = event.start, event.end
        own = "RECURRENCE-ID" not in event
        for start in _yield_event_starts(
            event, zone, now - (_to_utc_instant(last, zone) - _to_utc_instant(first, zone)), until
        ):
            if own and (str(event.get("UID")), _to_utc_instant(start, zone)) in moved:
                continue
            absence = _build_absence(start, start + (last - first), zone)
            if absence is not None and absence.ends_at(zone) > now:
                yield absence


def _recurrence_exceptions(events: list[Any]) -> list[Any]:
    return [event for event in events if "RECURRENCE-ID" in event]


def _yield_event_starts(event: Any, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Any]:
    """Yield when an event begins, once or by its recurrence rule; whole days as dates."""
    first: Any = event.start
    if "RRULE" not in event:
        yield first
        return
    whole_days = not isinstance(first, datetime)
    begins = datetime.combine(first, time()) if whole_days else _with_zone(first, zone).replace(tzinfo=None)
    parts: Any = event["RRULE"]
    if not RULES_OF_DAYS.issuperset(map(str, parts.get("FREQ", []))):
        raise TooMuchInCalendarError("an iCalendar event of every hour or less")
    rule: Any = vRecur({name: values for name, values in parts.items() if name != "UNTIL"})
    ends = [_to_wall_clock(last, first, zone) for last in parts.get("UNTIL", [])]
    # The library looks for an occurrence up to the year 9999: moved there, a rule that never comes true ends soon.
    later = (MAXYEAR - until.year) // CYCLE * CYCLE
    occurrences = rrulestr(rule.to_ical().decode(), dtstart=begins.replace(year=begins.year + later))
    left_out = {_to_wall_clock(each.dt, first, zone) for each in _excluded_dates(event)}
    own = _with_zone(first, zone).tzinfo if not whole_days else zone
    for moved in _limit_occurrences(occurrences):
        start = moved.replace(year=moved.year - later)
        at = start.replace(tzinfo=own)
        if at > until or (ends and start > ends[0]):
            return
        if start not in left_out and at >= since:
            yield start.date() if whole_days else at


def _limit_occurrences(occurrences: Iterable[datetime]) -> Iterator[datetime]:
    """Yield the occurrences of a rule.

    Raises:
        ValueError: There are more than `MAX_OCCURRENCES`, such as one each second since long ago.
    """
    for nth, start in enumerate(occurrences):
        if nth == MAX_OCCURRENCES:
            raise TooMuchInCalendarError("an iCalendar event that recurs too often")
        yield start


def _excluded_dates(event: Any) -> list[Any]:
    listed = event.get("EXDATE", [])
    return [each for dates in (listed if isinstance(listed, list) else [listed]) for each in dates.dts]


def _to_wall_clock(at: date, first: date, zone: ZoneInfo) -> datetime:
    """Return an instant or a day on the wall clock of the event itself, without a zone."""
    if not isinstance(at, datetime):
        return datetime.combine(at, time.max if isinstance(first, datetime) else time())
    if isinstance(first, datetime):
        at = _with_zone(at, zone).astimezone(_with_zone(first, zone).tzinfo)
    return at.replace(tzinfo=None)


def _with_zone(at: datetime, zone: ZoneInfo) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _to_utc_instant(at: date, zone: ZoneInfo) -> datetime:
    return _with_zone(at if isinstance(at, datetime) else datetime.combine(at, time()), zone).astimezone(UTC)


def _build_absence(first: date, last: date, zone: ZoneInfo) -> Absence | None:
    """Return an absence; None where it has no length. The end of a day event is the day after its last day."""
    if isinstance(first, datetime):
        begins, ends = _to_utc_instant(first, zone), _to_utc_instant(last, zone)
        return Absence(first=begins, last=ends, imported=True) if begins < ends else None
    return Absence(first=first, last=max(first, last - timedelta(days=1)), imported=True)
