"""Which meeting about a lead should stand in whose calendar, and who gets a message that it changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from desk.domain.facts import ORDER, Lead
from desk.domain.leads import parse_instant


class AnnouncedMeeting(NamedTuple):
    """The meeting about a lead as it was announced last: in whose calendar, when, and which change that was."""

    lead_id: UUID
    contact_id: UUID
    rep_id: str | None
    starts_at: datetime | None
    sequence: int


def change_meeting(
    lead: Lead, before: AnnouncedMeeting | None, now: datetime
) -> tuple[AnnouncedMeeting, tuple[str, ...]] | None:
    """Return the meeting as it is now and the reps who get a message; None where nothing changed.

    It is a function of what is known of the lead, so after any order of events the same rep has the same meeting, and
    whoever was sent another one is sent that it is not theirs. Of meetings that are over nobody gets a message.

    Args:
        lead: What is known of it.
        before: The meeting as it was announced last, if one was.
        now: Business time.
    """
    starts_at, rep_id = parse_instant(lead.get("meeting").get("starts_at")), lead.get("place").get("rep_id")
    if starts_at is None or rep_id is None:
        rep_id = None
    if before is None and rep_id is None:
        return None
    starts_at = starts_at or (before.starts_at if before else None)
    if before is not None and (before.rep_id, before.starts_at if before.rep_id else starts_at) == (rep_id, starts_at):
        return None
    placement = lead.get("place").get(ORDER, [0])[0]
    after = AnnouncedMeeting(
        lead.lead_id, lead.contact_id, rep_id, starts_at, max(before.sequence + 1 if before else 0, placement)
    )
    ahead = [each for each in (before, after) if each and each.starts_at and each.starts_at > now]
    return after, tuple(sorted({each.rep_id for each in ahead if each.rep_id}))


def change_meetings(
    leads: Iterable[Lead], before: dict[UUID, AnnouncedMeeting], now: datetime
) -> list[tuple[AnnouncedMeeting, tuple[str, ...]]]:
    """Return the changed meetings of these leads, each with the reps who get a message."""
    return [found for lead in leads if (found := change_meeting(lead, before.get(lead.lead_id), now)) is not None]
