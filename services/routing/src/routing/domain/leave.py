"""Absences from a calendar file (iCalendar, RFC 5545): what a rep's own calendar says of when they are away.

Each event that blocks time is an absence: whole days as days, others from instant to instant. Recurring ones are laid
out as far as `until`; one that was moved or called off is where it was moved to, or nowhere.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, vRecur

from routing.playbook import Absence

LONGEST = 20_000
"""Times that one rule is followed: a daily one for fifty years."""

MOST = 200
"""So many absences may a file hold, laid out."""


class CalendarUnreadable(Exception):
    """This is no calendar file, or holds more than anybody is away."""


def absences_of(text: bytes, zone: ZoneInfo, now: datetime, until: datetime) -> tuple[Absence, ...]:
    """Give the absences that a calendar file tells of and that are not over, in order.

    A time without a zone is the rep's own; nothing after `until` is laid out.
    """
    try:
        found = list(islice(_absences(_events(text), zone, now, until), MOST + 1))
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise CalendarUnreadable from error
    if len(found) > MOST:
        raise CalendarUnreadable
    return tuple(sorted(found, key=lambda absence: absence.over(zone)))


def _events(text: bytes) -> list[Any]:
    calendar = Calendar.from_ical(text)
    if calendar.name != "VCALENDAR":
        raise ValueError("not a calendar")
    return [event for event in calendar.walk("VEVENT") if str(event.get("TRANSP", "OPAQUE")) != "TRANSPARENT"]


def _absences(events: list[Any], zone: ZoneInfo, now: datetime, until: datetime) -> Iterator[Absence]:
    moved = {(str(event.get("UID")), _instant(event["RECURRENCE-ID"].dt, zone)) for event in _exceptions(events)}
    for event in events:
        if str(event.get("STATUS", "")) == "CANCELLED":
            continue
        first, last = event.start, event.end
        own = "RECURRENCE-ID" not in event
        for start in _starts(event, zone, now - (_instant(last, zone) - _instant(first, zone)), until):
            if own and (str(event.get("UID")), _instant(start, zone)) in moved:
                continue
            absence = _absence(start, start + (last - first), zone)
            if absence is not None and absence.over(zone) > now:
                yield absence


def _exceptions(events: list[Any]) -> list[Any]:
    return [event for event in events if "RECURRENCE-ID" in event]


def _starts(event: Any, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Any]:
    """Give when an event begins, once or as often as its rule says, days as days."""
    first: Any = event.start
    if "RRULE" not in event:
        yield first
        return
    whole_days = not isinstance(first, datetime)
    begins = datetime.combine(first, time()) if whole_days else _local(first, zone).replace(tzinfo=None)
    told: Any = event["RRULE"]
    rule: Any = vRecur({name: values for name, values in told.items() if name != "UNTIL"})
    ends = [_naive(last, first, zone) for last in told.get("UNTIL", [])]
    laid_out = rrulestr(rule.to_ical().decode(), dtstart=begins)
    left_out = {_naive(each.dt, first, zone) for each in _excluded(event)}
    own = _local(first, zone).tzinfo if not whole_days else zone
    for start in _some(laid_out):
        at = start.replace(tzinfo=own)
        if at > until or (ends and start > ends[0]):
            return
        if start not in left_out and at >= since:
            yield start.date() if whole_days else at


def _some(laid_out: Iterable[datetime]) -> Iterator[datetime]:
    """Give what a rule lays out; one that goes on by the second since long ago is no absence."""
    for nth, start in enumerate(laid_out):
        if nth == LONGEST:
            raise ValueError("too many")
        yield start


def _excluded(event: Any) -> list[Any]:
    listed = event.get("EXDATE", [])
    return [each for one in (listed if isinstance(listed, list) else [listed]) for each in one.dts]


def _naive(at: date, first: date, zone: ZoneInfo) -> datetime:
    """Give an instant or a day on the wall clock that the event itself is told on."""
    if not isinstance(at, datetime):
        return datetime.combine(at, time.max if isinstance(first, datetime) else time())
    if isinstance(first, datetime):
        at = _local(at, zone).astimezone(_local(first, zone).tzinfo)
    return at.replace(tzinfo=None)


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _instant(at: date, zone: ZoneInfo) -> datetime:
    return _local(at if isinstance(at, datetime) else datetime.combine(at, time()), zone).astimezone(UTC)


def _absence(first: date, last: date, zone: ZoneInfo) -> Absence | None:
    """Make an absence; the end of a day event is the day after its last."""
    if isinstance(first, datetime):
        begins, ends = _instant(first, zone), _instant(last, zone)
        return Absence(first=begins, last=ends, imported=True) if begins < ends else None
    return Absence(first=first, last=max(first, last - timedelta(days=1)), imported=True)
