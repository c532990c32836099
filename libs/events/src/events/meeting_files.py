"""Meetings as iCalendar files (RFC 5545, RFC 5546): one builder, so that every file of a meeting is about one event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
OUR_UID = "@baton"
"""How the UID of each meeting of ours ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingEntry:
    """A meeting about a lead: calendars know by its id that it is the same one, and by the sequence the later."""

    lead_id: UUID
    sequence: int
    changed_at: datetime
    starts_at: datetime
    length: timedelta
    summary: str
    description: str | None = None
    organizer: str | None = None
    """A mail address; with it, `attendee` is whose calendar it is. Nobody is asked for an answer."""
    attendee: str | None = None


def write_calendar_file(entries: Iterable[MeetingEntry], method: Method, product: str) -> bytes:
    """Return meetings as a file in UTF-8, folded and with CRLF; instants are UTC, which calendars show locally."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Baton//{product}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(_event(entry, method))
    return bytes(calendar.to_ical())


def _event(entry: MeetingEntry, method: Method) -> Event:
    event = Event()
    event.add("uid", f"{entry.lead_id}{OUR_UID}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.starts_at + entry.length)
    event.add("summary", entry.summary)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    if entry.description:
        event.add("description", entry.description)
    if entry.organizer:
        event.add("organizer", _address(entry.organizer))
    if entry.attendee:
        attendee = _address(entry.attendee)
        attendee.params |= {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
        event.add("attendee", attendee)
    return event


def _address(email: str) -> vCalAddress:
    return vCalAddress(f"mailto:{email}")
