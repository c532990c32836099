"""A contact with all its cycles: what wakes a returned one, and the snapshot that a CRM mirrors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Literal
from uuid import UUID

from events.contacts import ContactCaptured
from events.leads import LeadLifecycle, LeadWoken
from feedback.domain.kin import NOBODY, UNMERGED, Kin, in_order
from feedback.domain.kin import following as follows
from feedback.domain.lead import Lead, hear, snapshot
from feedback.domain.work import Desk
from feedback.playbook import FeedbackPlaybook

GRACE = timedelta(days=7)


@dataclass(frozen=True)
class Contact:
    """One person, without anything that names them."""

    contact_id: UUID
    revision: int = 0
    """Of the snapshot that was published last."""
    origin: str | None = None
    origin_at: datetime | None = None
    origin_from: UUID | None = None
    raised_at: datetime | None = None
    """The latest hand-raise."""
    engaged_at: datetime | None = None
    """The latest engagement of any kind."""
    engagements: int = 0
    stage: str | None = None
    """Its stage while it has no lead, by the definitions of the day; None where they name none, or it has one."""
    leads: Mapping[UUID, Lead] = field(default_factory=dict)

    @property
    def cycles(self) -> list[Lead]:
        """The contact's leads, in the order of their cycles."""
        leads = list(self.leads.values())
        return leads if len(leads) == 1 else sorted(leads, key=attrgetter("cycle"))

    def having(self, **facts: Any) -> "Contact":
        """Give the contact with some facts changed; as `Lead.having`."""
        contact = object.__new__(Contact)
        contact.__dict__.update(self.__dict__)
        contact.__dict__.update(facts)
        return contact

    def with_lead(self, lead: Lead) -> "Contact":
        """Give the contact with this lead as it is now."""
        return self.having(leads={**self.leads, lead.lead_id: lead})

    def lead(self, lead_id: UUID, cycle: int, at: datetime) -> Lead:
        """Give a lead of which something is said that happened `at`; half-known if it is the first that is heard."""
        known = self.leads.get(lead_id)
        return Lead(lead_id, self.contact_id, cycle, at) if known is None else hear(known, at)


@dataclass(frozen=True, slots=True)
class Waits:
    """An ended lead, and what it waits for: a signal after `after`, a hand-raise or (`any_signal`) anything."""

    lead_id: UUID
    contact_id: UUID
    after: datetime
    any_signal: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """A timer to set (`at`) or to drop (None)."""

    kind: Literal["wake", "stall"]
    lead_id: UUID
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A contact after all that follows from what happened to it."""

    contact: Contact
    events: tuple[LeadWoken | LeadLifecycle, ...]
    alarms: tuple[Alarm, ...]


def is_hand_raise(fact: ContactCaptured, rules: FeedbackPlaybook) -> bool:
    """Tell whether an engagement asks for sales: by what it is, by where it came in, or by a ticked box."""
    raises = rules.hand_raises
    return (
        fact.engagement in raises.engagements
        or fact.source in raises.sources
        or (raises.talk_to_sales and fact.talk_to_sales)
    )


def capture(contact: Contact, fact: ContactCaptured, *, raised: bool) -> Contact:
    """Merge one engagement: the earliest origin stays, the latest signals count."""
    origin = fact.facts.get("origin")
    if isinstance(origin, str) and origin:
        named = (fact.occurred_at, fact.engagement_id)
        if contact.origin_at is None or contact.origin_from is None or named < (contact.origin_at, contact.origin_from):
            contact = contact.having(origin=origin[:100], origin_at=named[0], origin_from=named[1])
    engaged_at = max(fact.occurred_at, contact.engaged_at or fact.occurred_at)
    raised_at = max(fact.occurred_at, contact.raised_at or fact.occurred_at) if raised else contact.raised_at
    return contact.having(engaged_at=engaged_at, raised_at=raised_at, engagements=contact.engagements + 1)


def stage_before_leads(contact: Contact, desk: Desk) -> str | None:
    """Say what a contact is before it is a lead: a suspect, or a prospect once it engaged often enough."""
    if contact.leads or contact.engaged_at is None:
        return None
    name = "prospect" if contact.engagements >= desk.prospect_from else "suspect"
    return name if name in desk.stages else None


def waiting(contact: Contact, kin: Kin = NOBODY) -> Iterable[Waits]:
    """Name the ended leads that a signal heard so far may have woken, whichever of the person's contacts gave it."""
    for lead in contact.leads.values():
        end = lead.standing.end
        if end is None or (end.step == "merge" and kin.contact_ids):
            continue
        any_signal = end.wakes_on == "engagement"
        given = (contact.engaged_at, kin.engaged_at) if any_signal else (contact.raised_at, kin.raised_at)
        heard = max((at for at in given if at is not None), default=None)
        if heard is not None and heard > end.at:
            for contact_id in (contact.contact_id, *kin.contact_ids):
                yield Waits(lead.lead_id, contact_id, end.at, any_signal)


def settle(
    before: Contact,
    contact: Contact,
    signals: Mapping[UUID, datetime],
    desk: Desk,
    kin: Kin = NOBODY,
    *,
    anew: bool = False,
) -> Settled:
    """Draw the consequences: who wakes, which timers run, and whether the snapshot changed.

    `signals` gives, for each lead of `waiting`, the first signal after its end. `anew` says the snapshot in any case.
    """
    events: list[LeadWoken | LeadLifecycle] = []
    alarms: list[Alarm] = []
    ordered = in_order([*contact.leads.values(), *kin.leads])
    leads = {}
    for lead in contact.cycles:
        following = follows(lead, ordered, kin)
        opened = (following.captured_at or following.heard_at) if following else None
        rests = _wake(lead, signals.get(lead.lead_id), opened)
        woken = _say_woken(rests, desk)
        rests = rests.having(said_woken=rests.said_end) if woken else rests
        events.extend(woken)
        wakes_at = _wakes_at(rests) if following is None else None
        if wakes_at != rests.alarm_at:
            alarms.append(Alarm("wake", rests.lead_id, wakes_at))
        stalls_at = _stalls_at(rests, before.leads.get(lead.lead_id), desk)
        if stalls_at != rests.stalls_at:
            alarms.append(Alarm("stall", rests.lead_id, stalls_at))
        if (wakes_at, stalls_at) != (rests.alarm_at, rests.stalls_at):
            rests = rests.having(alarm_at=wakes_at, stalls_at=stalls_at)
        leads[rests.lead_id] = rests
    contact = contact.having(leads=leads)
    stage = stage_before_leads(contact, desk)
    if stage != contact.stage:
        contact = contact.having(stage=stage)
    shown = in_order([*leads.values(), *(kin.leads if kin.speaks else ())])
    known = in_order([*before.leads.values(), *(kin.before if kin.speaks else ())])
    if anew or [lead.mirrored for lead in shown] != [lead.mirrored for lead in known]:
        contact = contact.having(revision=contact.revision + 1)
        cycles = [snapshot(lead, desk.stages) for lead in shown]
        events.append(
            LeadLifecycle(occurred_at=desk.now, contact_id=contact.contact_id, revision=contact.revision, cycles=cycles)
        )
    return Settled(contact, tuple(events), tuple(alarms))


def _wake(lead: Lead, signal: datetime | None, next_opened: datetime | None) -> Lead:
    """Work out when an ended lead woke: by its timer, or by the first signal that no later cycle had claimed."""
    end = lead.standing.end
    woken_at = None
    if end is not None:
        rang = lead.rang_at if lead.rang_at is not None and lead.rang_at >= end.at else None
        if signal is not None and next_opened is not None and signal > next_opened:
            signal = None
        woken_at = min((at for at in (rang, signal) if at is not None), default=None)
    return lead if woken_at == lead.woken_at else lead.having(woken_at=woken_at)


def _say_woken(lead: Lead, desk: Desk) -> tuple[LeadWoken, ...]:
    end = lead.standing.end
    if end is None or lead.woken_at is None or lead.said_woken == end.id:
        return ()
    return (
        LeadWoken(
            occurred_at=lead.woken_at,
            contact_id=lead.contact_id,
            lead_id=lead.lead_id,
            cycle=lead.cycle,
            playbook_version=desk.version,
            reason=UNMERGED if end.step == "merge" else end.reason or "",
            track=end.track,
            early=lead.woken_at != lead.rang_at,
            rep_id=lead.rep_id,
        ),
    )


def _stalls_at(lead: Lead, before: Lead | None, desk: Desk) -> datetime | None:
    """Say when an open lead returns by itself. One whose past is told late gets a while to be told its present."""
    limit = desk.limits.get(lead.state)
    if limit is None:
        return None
    if lead.stalls_at is not None and before is not None and (before.state, before.since) == (lead.state, lead.since):
        return lead.stalls_at
    return max(lead.since + timedelta(days=limit), desk.now + GRACE)


def _wakes_at(lead: Lead) -> datetime | None:
    """Say what the wake-up timer of a contact's last lead should be set to."""
    end = lead.standing.end
    if end is None or lead.state != "recycled" or lead.woken_at is not None:
        return None
    return end.wake_at


def ring(contact: Contact, lead: Lead, now: datetime, kin: Kin = NOBODY) -> Lead:
    """Let the wake-up timer of a lead ring. It wakes only the last cycle, and only while that still rests."""
    last = follows(lead, in_order([*contact.leads.values(), *kin.leads]), kin) is None
    rests = lead.state == "recycled" and lead.woken_at is None and last
    return lead.having(alarm_at=None, rang_at=now if rests else lead.rang_at)
