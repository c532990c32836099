"""Meetings as iCalendar files: the invitation of one, and the feed of all that a rep has."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from events.meeting_files import MeetingEntry, Method, write_calendar_file


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


def _file(meetings: Iterable[Meeting], length: timedelta, *, method: Method) -> bytes:
    entries = (
        MeetingEntry(
            lead_id=meeting.lead_id,
            sequence=meeting.placement,
            changed_at=meeting.placed_at,
            starts_at=meeting.meeting_at,
            length=length,
            summary=f"Meeting with {meeting.company}" if meeting.company else "Meeting",
        )
        for meeting in meetings
    )
    return write_calendar_file(entries, method, "routing")
