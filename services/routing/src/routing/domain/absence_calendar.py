"""Absences from a calendar file (iCalendar, RFC 5545).

Each event that blocks time is an absence: whole days as days, others from instant to instant. Recurring events are
computed up to `until`; an occurrence that was moved or cancelled is where it was moved to, or left out. What its owner
declined, is free during, or works through somewhere else blocks no time. A calendar of busy times alone (`VFREEBUSY`)
is read too. Nothing else is looked at.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.timezone import tzp

from events.meeting_files import OUR_UID
from routing.domain.past_events import drop_past_events
from routing.domain.recurrence_rules import (
    Allowance,
    CalendarNotUnderstoodError,
    TooMuchInCalendarError,
    expand_rule,
)
from routing.playbook import Absence

MAX_ABSENCES = 200
"""How many are kept of a file, recurring ones counted each time: whole days, then the hours that begin soonest."""

MAX_RULES = 200
"""How many events of a file may recur that are not known to be over."""

A_DAY = timedelta(days=1)

FREE = {"FREE", "WORKINGELSEWHERE"}
"""What Outlook says of an event that blocks no time, also where `TRANSP` says that it does."""

WHEN = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}

_MICROSOFT_ZONE = re.compile(rb"(?<=TZID[=:])tzone://Microsoft/(?:(Utc)|)")
"""How Outlook names some zones: with a colon, which ends a parameter."""

_STUMBLES = (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError)
"""What the library and the code around it raise where a file is not as they expect it."""


class NotACalendarError(ValueError):
    """A file is no iCalendar file."""


def parse_absences(text: bytes, zone: ZoneInfo, now: datetime, until: datetime) -> tuple[Absence, ...]:
    """Return the absences in a calendar file that are not over, in the order of their end.

    Hours that overlap or follow one another are one absence. A year of daily meetings is more than is kept; the next
    file brings those that were left out, which all begin after the last one that is kept.

    Args:
        text: The file's bytes.
        zone: The rep's zone, for times without a zone.
        now: Absences that ended before are left out.
        until: Recurring events are computed up to here.

    Raises:
        NotACalendarError: It is no iCalendar file.
        CalendarNotUnderstoodError: It is not known when one of its events is, which is never taken for free.
        TooMuchInCalendarError: It has too many rules, or whole days.
    """
    days: list[Absence] = []
    hours: list[tuple[datetime, datetime]] = []
    try:
        with warnings.catch_warnings(action="ignore"):
            for first, last in _find_busy_times(_read_calendar(text, now), zone, now, until):
                if isinstance(first, datetime):
                    hours.append((_to_utc_instant(first, zone), _to_utc_instant(last, zone)))
                else:  # the end of a day event is the day after its last day
                    days.append(Absence(first=first, last=max(first, last - A_DAY), imported=True))
            days = [absence for absence in days if absence.ends_at(zone) > now]
    except (NotACalendarError, CalendarNotUnderstoodError, TooMuchInCalendarError):
        raise
    except _STUMBLES as error:
        raise CalendarNotUnderstoodError("an iCalendar event whose time is not understood") from error
    if len(days) > MAX_ABSENCES:
        raise TooMuchInCalendarError(f"more than {MAX_ABSENCES} absences of whole days")
    merged = _merge_overlapping(each for each in hours if each[1] > now)[: MAX_ABSENCES - len(days)]
    kept = [Absence(first=begins, last=ends, imported=True) for begins, ends in merged]
    return tuple(sorted([*days, *kept], key=lambda absence: absence.ends_at(zone)))


def _merge_overlapping(hours: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return times in the order of their begin, those that overlap or follow one another as one."""
    merged: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(each for each in hours if each[0] < each[1]):
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(ends, merged[-1][1])
        else:
            merged.append((begins, ends))
    return merged


def _read_calendar(text: bytes, now: datetime) -> Any:
    tzp.use_default()  # forgets the zones of the file before, which the library keeps by their names
    written = _MICROSOFT_ZONE.sub(lambda found: (found[1] or b"").upper(), drop_past_events(text, now))
    try:
        calendar = Calendar.from_ical(written)
    except _STUMBLES as error:
        raise NotACalendarError("not an iCalendar file") from error
    if calendar.name != "VCALENDAR":
        raise NotACalendarError("not an iCalendar file")
    return calendar


def _find_busy_times(calendar: Any, zone: ZoneInfo, now: datetime, until: datetime) -> Iterator[tuple[Any, Any]]:
    owner = str(calendar.get("X-WR-CALNAME", "")).lower()
    written = calendar.walk("VEVENT")
    events = [event for event in written if not _is_left_out(event, owner, zone, now)]
    _refuse_changed_series(written, events, owner, zone, now)
    if sum("RRULE" in event for event in events) > MAX_RULES:
        raise TooMuchInCalendarError("more recurring events than an iCalendar file may have")
    yield from _read_events(events, owner, zone, (now, until))
    for periods in calendar.walk("VFREEBUSY"):
        yield from _read_busy_periods(periods)


def _read_busy_periods(periods: Any) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times of a `VFREEBUSY` that are not free; an unknown kind is busy (RFC 5545, 3.2.9)."""
    for period in _listed(periods, "FREEBUSY"):
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            yield _read_period(period.dt)


def _read_period(period: tuple[datetime, datetime | timedelta]) -> tuple[datetime, datetime]:
    first, last = period
    return first, first + last if isinstance(last, timedelta) else last


def _listed(component: Any, name: str) -> list[Any]:
    """Return what a component has under a name: nothing, one value or several."""
    found = component.get(name, [])
    return found if isinstance(found, list) else [found]


def _is_left_out(event: Any, owner: str, zone: ZoneInfo, now: datetime) -> bool:
    """Return whether an event blocks no time, whenever it is, or its rules ended so long ago that nothing is left.

    Raises:
        CalendarNotUnderstoodError: It is not known when the event is.
    """
    if any(name in WHEN for name, _ in event.errors):
        if _blocks_time(event, owner):
            raise CalendarNotUnderstoodError("an iCalendar event without a time")
        return True
    return _ended_before(event, zone, now)


def _ended_before(event: Any, zone: ZoneInfo, instant: datetime) -> bool:
    """Return whether the last occurrence of all rules of an event is known to have ended long enough before."""
    rules = _listed(event, "RRULE")
    if not rules or "RDATE" in event:
        return False
    ends = [max((_to_utc_instant(at, zone) for at in rule.get("UNTIL", [])), default=None) for rule in rules]
    length = event.end - event.start
    return all(at is not None and at + length + A_DAY < instant for at in ends)


def _refuse_changed_series(
    written: Iterable[Any], events: Iterable[Any], owner: str, zone: ZoneInfo, now: datetime
) -> None:
    """Refuse a file in which an exception changes an occurrence and all that follow, unless the series is over.

    Moving them is not implemented: they would block the hours of before.

    Raises:
        CalendarNotUnderstoodError: It is not known when the rest of a series is.
    """
    changes = [event for event in events if "RECURRENCE-ID" in event and "RANGE" in event["RECURRENCE-ID"].params]
    series_by_uid: dict[str, list[Any]] = {str(changed.get("UID")): [] for changed in changes}
    for event in written if changes else ():
        if "RECURRENCE-ID" not in event:
            series_by_uid.get(str(event.get("UID")), []).append(event)
    for changed in changes:
        series = series_by_uid[str(changed.get("UID"))]
        later = _to_utc_instant(changed.end, zone) - _to_utc_instant(changed["RECURRENCE-ID"].dt, zone)
        over = bool(series) and all(_ended_before(event, zone, now - max(later, timedelta())) for event in series)
        if not over and any(_blocks_time(event, owner) for event in (changed, *series)):
            raise CalendarNotUnderstoodError("an iCalendar event that changes all later ones of its series")


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


def _read_events(
    events: list[Any], owner: str, zone: ZoneInfo, window: tuple[datetime, datetime]
) -> Iterator[tuple[Any, Any]]:
    exceptions = [event for event in events if "RECURRENCE-ID" in event]
    moved = {(str(event.get("UID")), _to_utc_instant(event["RECURRENCE-ID"].dt, zone)) for event in exceptions}
    allowance = Allowance()
    for event in events:
        if not _blocks_time(event, owner):
            continue
        uid = str(event.get("UID"))
        own = not moved or "RECURRENCE-ID" in event
        for start, end in _yield_occurrences(event, zone, window, allowance):
            if own or (uid, _to_utc_instant(start, zone)) not in moved:
                yield start, end


def _yield_occurrences(
    event: Any, zone: ZoneInfo, window: tuple[datetime, datetime], allowance: Allowance
) -> Iterator[tuple[Any, Any]]:
    """Yield when an event begins and ends, once, by its recurrence rules and on further dates; whole days as dates."""
    first, length = event.start, event.end - event.start
    left_out = {_to_wall_clock(each.dt, first, zone) for dates in _listed(event, "EXDATE") for each in dates.dts}
    found = [] if "RRULE" in event else [(first, first + length)]
    for rule in _listed(event, "RRULE"):
        starts = _yield_starts_by_rule(rule, first, zone, (window[0] - length, window[1]), allowance)
        found += [(start, start + length) for start in starts]
    for further in (each.dt for dates in _listed(event, "RDATE") for each in dates.dts):
        found.append(_read_period(further) if isinstance(further, tuple) else (further, further + length))
    for start, end in found:
        if not left_out or _to_wall_clock(start, first, zone) not in left_out:
            yield start, end


def _yield_starts_by_rule(
    rule: Any, first: Any, zone: ZoneInfo, window: tuple[datetime, datetime], allowance: Allowance
) -> Iterator[Any]:
    whole_days = not isinstance(first, datetime)
    own = zone if whole_days else _with_zone(first, zone).tzinfo
    since, until = (at.astimezone(own).replace(tzinfo=None) for at in window)
    ends = [_to_wall_clock(last, first, zone) for last in rule.get("UNTIL", [])]
    begins = datetime.combine(first, time()) if whole_days else first.replace(tzinfo=None)
    for start in expand_rule(rule, begins, since - A_DAY, min([until, *ends]), allowance):
        yield start.date() if whole_days else start.replace(tzinfo=own)


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
