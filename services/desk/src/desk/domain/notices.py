"""Which messages an event makes, and for whom of ours. When each is sent is decided when it is due."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from desk.domain.facts import Lead
from desk.domain.letters import DueMessage
from desk.domain.meetings import AnnouncedMeeting
from desk.domain.rights import Viewer
from desk.domain.wording import zone_or_utc
from desk.playbook import DeskPlaybook, MessageRule
from desk.playbook.messages import Notice, Recipient
from events.envelope import Event, LeadEvent
from events.ids import derive_id
from events.leads import LeadAssigned, LeadDisqualified, LeadRecycled, LeadStrengthened, LeadWoken
from events.sla import ClockBreached, ClockWarned

_KINDS: Mapping[type[Event], Notice] = {
    LeadAssigned: "assigned",
    ClockWarned: "due_soon",
    ClockBreached: "missed",
    LeadStrengthened: "strengthened",
    LeadRecycled: "returned",
    LeadDisqualified: "returned",
    LeadWoken: "woken",
}
_ROLES: Mapping[Recipient, str] = {"rep": "rep", "manager": "manager", "marketing": "marketing"}
TOO_OLD = timedelta(days=1)
"""What happened longer ago is read on the pages; nobody is called out of bed for a replayed topic."""


DIGEST_AT = time(8)
"""When the week that ended is sent, on Monday in each person's zone."""


class OutgoingMessage(NamedTuple):
    """A message to somebody of ours by one way, about a lead or a week. Its id is made of that, so it is saved once."""

    message_id: UUID
    user_id: str
    channel: str
    kind: str
    lead_id: UUID | None
    contact_id: UUID | None
    made_at: datetime
    due_at: datetime


def make_messages_for_events(
    events: Iterable[LeadEvent],
    leads: Mapping[UUID, Lead],
    users: Sequence[Viewer],
    playbook: DeskPlaybook,
    times: tuple[datetime, datetime],
) -> list[OutgoingMessage]:
    """Return the messages of these events; `times` are the business time and the real time by now."""
    made = []
    for event in events:
        kind = _KINDS.get(type(event))
        rule = playbook.messages.get(kind) if kind else None
        if kind is None or rule is None or event.occurred_at < times[0] - TOO_OLD:
            continue
        owner, team = find_owner_and_team(event, leads[event.lead_id])
        for user in users:
            if is_message_for_user(user, rule, owner, team):
                about = (event.lead_id, event.contact_id)
                made += make_messages_to_user(user, kind, rule, event.ce_id, about, times[1])
    return made


def make_digest_messages(users: Sequence[Viewer], playbook: DeskPlaybook, now: datetime) -> list[OutgoingMessage]:
    """Return the messages about the week that ended, for those whose Monday it is since eight o'clock."""
    rule = playbook.messages.get("digest")
    made = []
    for user in users if rule else ():
        there = now.astimezone(zone_or_utc(user.zone))
        if rule and there.weekday() == 0 and there.time() >= DIGEST_AT and user.role in _roles(rule):
            week = derive_id("week", f"{there:%G-W%V}")
            made += make_messages_to_user(user, "digest", rule, week, (None, None), now)
    return made


def make_meeting_messages(
    changed: Iterable[tuple[AnnouncedMeeting, tuple[str, ...]]],
    users: Sequence[Viewer],
    playbook: DeskPlaybook,
    now: datetime,
) -> list[OutgoingMessage]:
    """Return the messages about meetings to the reps who had or have them; what they say is made when they are sent."""
    rule = playbook.messages.get("meeting")
    made = []
    for meeting, rep_ids in changed if rule else ():
        cause = derive_id("meeting", meeting.lead_id, meeting.sequence)
        about = (meeting.lead_id, meeting.contact_id)
        for user in users:
            if rule and "rep" in rule.to and user.role == "rep" and user.rep_id in rep_ids:
                made += make_messages_to_user(user, "meeting", rule, cause, about, now)
    return made


def make_stand_in_messages(
    row: DueMessage, users: Sequence[Viewer], playbook: DeskPlaybook, now: datetime
) -> list[OutgoingMessage]:
    """Return the messages to others about one that is urgent for a rep who is away past it: one for each news."""
    rule = playbook.messages.get("unattended")
    if rule is None or row.lead_id is None:
        return []
    about = (row.lead_id, row.contact_id)
    # Both ways by which the rep gets one news have its instant, so that others get it once.
    cause = derive_id(row.kind, row.lead_id, row.rep_id, row.made_at.isoformat())
    return [
        message
        for user in users
        if user.role != "rep" and is_message_for_user(user, rule, row.rep_id, row.team)
        for message in make_messages_to_user(user, "unattended", rule, cause, about, now)
    ]


def find_owner_and_team(event: LeadEvent, lead: Lead) -> tuple[str | None, str | None]:
    """Return the rep and the team whom an event concerns."""
    owner = getattr(event, "rep_id", None) or lead.get("last").get("rep_id")
    return owner, getattr(event, "team", None) or lead.get("last").get("team")


def is_message_for_user(user: Viewer, rule: MessageRule, owner: str | None, team: str | None) -> bool:
    """Check whether a kind of message about a lead of this owner and team is for somebody."""
    if user.role not in _roles(rule):
        return False
    if user.role == "rep":
        return owner is not None and user.rep_id == owner
    return user.role == "marketing" or (team is not None and user.team == team)


def _roles(rule: MessageRule) -> set[str]:
    return {_ROLES[recipient] for recipient in rule.to}


def make_messages_to_user(  # noqa: PLR0917 - one message, field by field
    user: Viewer, kind: Notice, rule: MessageRule, cause: UUID, about: tuple[UUID | None, UUID | None], now: datetime
) -> list[OutgoingMessage]:
    """Return one message for each way by which somebody can be reached; `about` is the lead and its contact.

    It is due at once: whoever sends it looks at the hours, absences and promises that are known by then.
    """
    ways = {"email": user.email, "chat": user.chat_url}
    return [
        OutgoingMessage(derive_id("message", user.user_id, way, kind, cause), user.user_id, way, kind, *about, now, now)
        for way in rule.channels
        if ways[way]
    ]
