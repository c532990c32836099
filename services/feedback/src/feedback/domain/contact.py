"""A contact with all its cycles: what wakes a returned one, and the snapshot that a CRM mirrors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Literal
from uuid import UUID

from events.leads import LeadCorrected, LeadLifecycle, LeadWoken
from feedback.domain.decision_context import DecisionContext
from feedback.domain.lead import Lead
from feedback.domain.merged_leads import NO_RELATED, RelatedContacts, find_successor, sort_by_cycle
from feedback.domain.to_events import build_cycle_snapshot, build_size_correction_event, build_unpublished_woken_events
from feedback.playbook import WakeOnSizeCheck

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
    employees: int | None = None
    """The size of their company as the contact wrote it or sales found it out, whichever is later."""
    employees_at: datetime | None = None
    stage: str | None = None
    """Its stage while it has no lead, by the definitions of the day; None where they name none, or it has one."""
    leads: Mapping[UUID, Lead] = field(default_factory=dict)

    @property
    def leads_in_cycle_order(self) -> list[Lead]:
        """The contact's leads, in the order of their cycles."""
        leads = list(self.leads.values())
        return leads if len(leads) == 1 else sorted(leads, key=attrgetter("cycle"))

    def with_facts(self, **facts: Any) -> "Contact":
        """Return the contact with some facts changed; as `Lead.with_facts`."""
        contact = object.__new__(Contact)
        contact.__dict__.update(self.__dict__)
        contact.__dict__.update(facts)
        return contact

    def with_company_size(self, employees: int | None, at: datetime) -> "Contact":
        """Return the contact with the size of their company as known at an instant; the latest counts."""
        if employees is None or (self.employees_at is not None and at < self.employees_at):
            return self
        return self.with_facts(employees=employees, employees_at=at)

    def with_lead(self, lead: Lead) -> "Contact":
        """Return the contact with this lead as it is now."""
        return self.with_facts(leads={**self.leads, lead.lead_id: lead})

    def find_or_start_lead(self, lead_id: UUID, cycle: int, at: datetime) -> Lead:
        """Return the lead of an event that happened `at`; a new one, half-known, if it is the first event of it."""
        known = self.leads.get(lead_id)
        return Lead(lead_id, self.contact_id, cycle, at) if known is None else known.with_known_since(at)


@dataclass(frozen=True, slots=True)
class LeadToWake:
    """An ended lead, and what it waits for: a signal after `after`, a hand-raise or (`any_signal`) anything."""

    lead_id: UUID
    contact_id: UUID
    after: datetime
    any_signal: bool


@dataclass(frozen=True, slots=True)
class TimerChange:
    """A timer to set (`at`) or to drop (None)."""

    kind: Literal["wake", "stall"]
    lead_id: UUID
    at: datetime | None


@dataclass(frozen=True, slots=True)
class SettledContact:
    """A contact after all that follows from what happened to it."""

    contact: Contact
    events: tuple[LeadWoken | LeadCorrected | LeadLifecycle, ...]
    alarms: tuple[TimerChange, ...]


def find_stage_before_leads(contact: Contact, context: DecisionContext) -> str | None:
    """Return what a contact is before it is a lead: a suspect, or a prospect once it engaged often enough."""
    if contact.leads or not contact.engagements:
        return None
    name = "prospect" if contact.engagements >= context.prospect_from else "suspect"
    return name if name in context.stages else None


def find_leads_to_wake(contact: Contact, related: RelatedContacts = NO_RELATED) -> Iterable[LeadToWake]:
    """Return the ended leads that a known signal may have woken, whichever of the person's contacts it came from."""
    for lead in contact.leads.values():
        end = lead.standing.end
        if end is None or (end.step == "merge" and related.contact_ids):
            continue
        any_signal = end.wakes_on == "engagement"
        signals = (contact.engaged_at, related.engaged_at) if any_signal else (contact.raised_at, related.raised_at)
        latest = max((at for at in signals if at is not None), default=None)
        if latest is not None and latest > end.at:
            for contact_id in (contact.contact_id, *related.contact_ids):
                yield LeadToWake(lead.lead_id, contact_id, end.at, any_signal)


def settle_contact(
    before: Contact,
    contact: Contact,
    signals: Mapping[UUID, datetime],
    context: DecisionContext,
    related: RelatedContacts = NO_RELATED,
    *,
    anew: bool = False,
) -> SettledContact:
    """Compute what follows: who wakes, which timers run, and whether the snapshot changed.

    `signals` has, for each lead of `find_leads_to_wake`, the first signal after its end. `anew` always publishes
    the snapshot.
    """
    events: list[LeadWoken | LeadCorrected | LeadLifecycle] = []
    alarms: list[TimerChange] = []
    ordered = sort_by_cycle([*contact.leads.values(), *related.leads])
    engaged_at = max((at for at in (contact.engaged_at, related.engaged_at) if at), default=None)
    leads = {}
    for lead in contact.leads_in_cycle_order:
        following = find_successor(lead, ordered, related)
        opened = (following.captured_at or following.heard_at) if following else None
        rests = _compute_wake_up(lead, signals.get(lead.lead_id), opened, _woken_by_date_at(lead, contact, context))
        woken = build_unpublished_woken_events(rests, engaged_at, context)
        rests = rests.with_facts(published_wake=rests.published_end) if woken else rests
        events.extend(woken)
        if woken and rests.wake_condition == "size" and contact.employees is not None:
            events.append(build_size_correction_event(rests, contact.employees, context))
        wakes_at = _wake_timer_due_at(rests) if following is None else None
        if wakes_at != rests.alarm_at:
            alarms.append(TimerChange("wake", rests.lead_id, wakes_at))
        stalls_at = _returns_by_itself_at(rests, before.leads.get(lead.lead_id), context)
        if stalls_at != rests.stalls_at:
            alarms.append(TimerChange("stall", rests.lead_id, stalls_at))
        if (wakes_at, stalls_at) != (rests.alarm_at, rests.stalls_at):
            rests = rests.with_facts(alarm_at=wakes_at, stalls_at=stalls_at)
        leads[rests.lead_id] = rests
    contact = contact.with_facts(leads=leads)
    stage = find_stage_before_leads(contact, context)
    if stage != contact.stage:
        contact = contact.with_facts(stage=stage)
    shown = sort_by_cycle([*leads.values(), *(related.leads if related.is_survivor else ())])
    known = sort_by_cycle([*before.leads.values(), *(related.before if related.is_survivor else ())])
    if anew or [lead.crm_values for lead in shown] != [lead.crm_values for lead in known]:
        contact = contact.with_facts(revision=contact.revision + 1)
        cycles = [build_cycle_snapshot(lead, context.stages) for lead in shown]
        events.append(
            LeadLifecycle(
                occurred_at=context.now, contact_id=contact.contact_id, revision=contact.revision, cycles=cycles
            )
        )
    return SettledContact(contact, tuple(events), tuple(alarms))


def _woken_by_date_at(lead: Lead, contact: Contact, context: DecisionContext) -> datetime | None:
    """Return when its date woke an ended lead; one whose size is to be checked waits for a size that fits."""
    rang = _wake_timer_rang_at(lead)
    if rang is None or lead.wake_condition != "size":
        return rang
    end = lead.standing.end
    rule = context.rules.reasons.get(end.reason or "") if end is not None else None
    wake = rule.wake if rule is not None else None
    if contact.employees is None or contact.employees_at is None or not isinstance(wake, WakeOnSizeCheck):
        return None
    return max(rang, contact.employees_at) if wake.fits(contact.employees) else None


def _wake_timer_rang_at(lead: Lead) -> datetime | None:
    """Return when the wake-up timer of a lead's present end rang."""
    end = lead.standing.end
    return lead.rang_at if end is not None and lead.rang_at is not None and lead.rang_at >= end.at else None


def _compute_wake_up(lead: Lead, signal: datetime | None, next_opened: datetime | None, rang: datetime | None) -> Lead:
    """Compute when an ended lead woke: by its date, or by the first signal that no later cycle had claimed."""
    woken_at = None
    if lead.standing.end is not None:
        if signal is not None and next_opened is not None and signal > next_opened:
            signal = None
        woken_at = min((at for at in (rang, signal) if at is not None), default=None)
    return lead if woken_at == lead.woken_at else lead.with_facts(woken_at=woken_at)


def _returns_by_itself_at(lead: Lead, before: Lead | None, context: DecisionContext) -> datetime | None:
    """Return when an open lead returns by itself, which a time that its contact named puts off.

    If its past arrives late, its present gets a week to arrive too.
    """
    limit = context.limits.get(lead.state)
    if limit is None:
        return None
    same = before is not None and (before.state, before.idle_since) == (lead.state, lead.idle_since)
    if lead.stalls_at is not None and same:
        return lead.stalls_at
    return max(lead.idle_since + timedelta(days=limit), context.now + GRACE)


def _wake_timer_due_at(lead: Lead) -> datetime | None:
    """Return when the wake-up timer of a contact's last lead is to ring."""
    end = lead.standing.end
    if end is None or lead.state != "recycled" or lead.woken_at is not None:
        return None
    if lead.wake_condition == "size" and _wake_timer_rang_at(lead) is not None:
        return None
    return end.wake_at


def mark_timer_rang(contact: Contact, lead: Lead, now: datetime, related: RelatedContacts = NO_RELATED) -> Lead:
    """Record that the wake-up timer of a lead rang. It wakes only the last cycle, and only while that still rests."""
    last = find_successor(lead, sort_by_cycle([*contact.leads.values(), *related.leads]), related) is None
    rests = lead.state == "recycled" and lead.woken_at is None and last
    return lead.with_facts(alarm_at=None, rang_at=now if rests else lead.rang_at)
