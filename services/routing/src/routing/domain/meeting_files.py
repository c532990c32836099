"""Meetings as iCalendar files (RFC 5545): the invitation of one, and the feed of all that a rep has."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from icalendar import Calendar, Event

PRODUCT = "-//Baton//routing//EN"


class Meeting(NamedTuple):
    """A meeting that a lead holds. Names, mail and phone of the contact are not known here and stand in no file."""

    lead_id: UUID
    rep_id: str
    meeting_at: datetime
    placed_at: datetime
    company: str | None = None
    placement: int = 0


def write_invitation(meeting: Meeting, length: timedelta) -> bytes:
    """Return the invitation to one meeting, to be sent or added to a calendar."""
    return _file([meeting], length, method="REQUEST")


def write_meeting_feed(meetings: Iterable[Meeting], length: timedelta) -> bytes:
    """Return a rep's meetings as a calendar to subscribe to."""
    return _file(meetings, length, method="PUBLISH")


def _file(meetings: Iterable[Meeting], length: timedelta, *, method: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for meeting in meetings:
        event = Event()
        event.add("uid", f"{meeting.lead_id}@baton")
        event.add("sequence", meeting.placement)
        event.add("dtstamp", meeting.placed_at)
        event.add("dtstart", meeting.meeting_at)
        event.add("dtend", meeting.meeting_at + length)
        event.add("summary", f"Meeting with {meeting.company}" if meeting.company else "Meeting")
        event.add("status", "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
