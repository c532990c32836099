"""The domain without a database: events are applied to a contact, people send commands and time passes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid5

import yaml

from events.contacts import ContactCaptured
from events.envelope import ContactEvent, LeadEvent
from events.leads import LeadCycle, LeadFacts, LeadReleased
from events.sla import ClockEscalated, ClockEvent
from feedback.domain import decisions
from feedback.domain.commands import COMMANDS, CustomerChange
from feedback.domain.contact import Contact, find_leads_to_wake, mark_timer_rang, settle_contact
from feedback.domain.customer import ChangedCustomer, apply_customer_change
from feedback.domain.decision_context import DecisionContext
from feedback.domain.decisions import CarriedOutCommand, carry_out_command
from feedback.domain.from_events import (
    apply_capture,
    apply_placement,
    apply_qualification,
    apply_review_clock,
    is_hand_raise,
)
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import TAKEN_BACK
from feedback.domain.orders import CommandOrder
from feedback.domain.refusals import Refusal
from feedback.domain.to_events import build_cycle_snapshot, build_unpublished_end_event
from feedback.playbook import Definitions, FeedbackPlaybook
from tests.feedback.lead_story import SPACE

E = TypeVar("E", bound=ContactEvent)

FOLDER = Path(__file__).parents[2] / "deploy" / "playbook"
RULES = FeedbackPlaybook.model_validate(yaml.safe_load((FOLDER / "feedback.yaml").read_text()))
STAGES = Definitions.model_validate(yaml.safe_load((FOLDER / "definitions.yaml").read_text()))


@dataclass(frozen=True)
class SignalSeen:
    at: datetime
    hand_raise: bool


class DomainHarness:
    """One contact with all its leads, its timers, and all events that were published."""

    def __init__(self, contact_id: UUID, now: datetime) -> None:
        self.now = now
        self.contact = Contact(contact_id)
        self.published: list[ContactEvent] = []
        self.timers: dict[tuple[str, UUID], datetime] = {}
        self.signals: list[SignalSeen] = []
        self.acts = 0

    @property
    def context(self) -> DecisionContext:
        return DecisionContext(
            self.now, RULES, "feedback-1", STAGES.return_days_by_stage, STAGES.stage_names, STAGES.prospect_from
        )

    def lead(self, lead_id: UUID) -> Lead:
        return self.contact.leads[lead_id]

    def emitted(self, kind: type[E]) -> list[E]:
        return [event for event in self.published if isinstance(event, kind)]

    @property
    def cycles(self) -> list[LeadCycle]:
        return [build_cycle_snapshot(lead, STAGES.stages) for lead in self.contact.leads_in_cycle_order]

    def apply(self, *events: ContactEvent) -> "DomainHarness":
        """Merge events, each in a transaction of its own."""
        for event in events:
            before = self.contact
            if isinstance(event, ContactCaptured):
                self._capture(event)
            elif isinstance(event, LeadEvent):
                lead = self.contact.find_or_start_lead(event.lead_id, event.cycle, event.occurred_at)
                self.contact = self.contact.with_lead(self._merge(lead, event))
            self._close(before)
        return self

    def _capture(self, event: ContactCaptured) -> None:
        raised = is_hand_raise(event, RULES)
        self.contact = apply_capture(self.contact, event, raised=raised)
        self.signals.append(SignalSeen(event.occurred_at, raised))

    def _merge(self, lead: Lead, event: LeadEvent) -> Lead:
        if isinstance(event, LeadFacts):
            return apply_qualification(lead, event)  # type: ignore[arg-type]  # qualified or upgraded
        if isinstance(event, ClockEvent):
            lead = apply_review_clock(lead, event)
            if isinstance(event, ClockEscalated) and event.action == "recycle":
                return decisions.return_lead_after_review(lead, event, self.context)
            return lead
        lead = apply_placement(lead, event)  # type: ignore[arg-type]  # queued, assigned or released
        if isinstance(event, LeadReleased) and event.reason in TAKEN_BACK:
            return decisions.return_released_lead(lead, event, self.context)
        return lead

    def does(self, lead_id: UUID, name: str, by: str = "ann", **fields: Any) -> CarriedOutCommand:
        """Carry out one command; raises its refusal."""
        self.acts += 1
        command = COMMANDS[name].model_validate({"by": by, **_texts(fields)})
        order = CommandOrder(lead_id, name, command, uuid5(SPACE, f"act {self.acts} {self.contact.contact_id}"), by)
        before = self.contact
        done = carry_out_command(self.lead(lead_id), order, self.context)
        self.contact = self.contact.with_lead(done.lead)
        self.published.extend(done.events)
        self._close(before)
        return done

    def tries(self, lead_id: UUID, name: str, by: str = "ann", **fields: Any) -> CarriedOutCommand | Refusal:
        """Carry out one command, or give its refusal."""
        try:
            return self.does(lead_id, name, by, **fields)
        except Refusal as refusal:
            return refusal

    def customer(self, what: str, at: datetime) -> ChangedCustomer:
        """Record a change that customer success reports."""
        self.acts += 1
        asked = CustomerChange.model_validate({"change": what, "amount": 5.0, "at": at.isoformat()})
        before = self.contact
        action_id = uuid5(SPACE, f"act {self.acts} {self.contact.contact_id}")
        found = apply_customer_change(self.contact, asked, "cleo", action_id, self.context)
        if found.lead is not None:
            self.contact = self.contact.with_lead(found.lead)
        self.published.append(found.event)
        self._close(before)
        return found

    def becomes(self, survivor_id: UUID) -> None:
        """Be merged into a contact who has an open lead of its own: whatever is open here and has no deal ends."""
        before = self.contact
        for lead in self.contact.leads_in_cycle_order:
            if lead.is_open and lead.state != "opportunity":
                self.contact = self.contact.with_lead(
                    decisions.end_as_duplicate(lead, survivor_id, self.now, self.context)
                )
        self._close(before)

    def until(self, instant: datetime) -> "DomainHarness":
        """Let time pass, each timer at its own instant."""
        while due := sorted((at, kind, key) for (kind, key), at in self.timers.items() if at <= instant):
            at, kind, key = due[0]
            self.now = max(self.now, at)
            del self.timers[kind, key]
            before = self.contact
            lead = self.lead(key)
            rung = (
                mark_timer_rang(self.contact, lead, self.now)
                if kind == "wake"
                else decisions.return_stalled_lead(lead, self.context)
            )
            self.contact = self.contact.with_lead(rung)
            self._close(before)
        self.now = max(self.now, instant)
        return self

    def _close(self, before: Contact) -> None:
        for lead in self.contact.leads_in_cycle_order:
            known, ended = build_unpublished_end_event(lead, self.context)
            self.contact = self.contact.with_lead(known)
            self.published.extend(ended)
        first = {}
        for ended_lead in find_leads_to_wake(self.contact):
            fits = [s.at for s in self.signals if s.at > ended_lead.after and (ended_lead.any_signal or s.hand_raise)]
            first.update({ended_lead.lead_id: min(fits)} if fits else {})
        settled = settle_contact(before, self.contact, first, self.context)
        self.contact = settled.contact
        self.published.extend(settled.events)
        for alarm in settled.alarms:
            if alarm.at is None:
                self.timers.pop((alarm.kind, alarm.lead_id), None)
            else:
                self.timers[alarm.kind, alarm.lead_id] = alarm.at


def _texts(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}


def facts(lead: Lead) -> Lead:
    """A lead without what depends on when it became known: what was published, and the timers' state."""
    return replace(lead, published_end=None, published_wake=None, stalls_at=None, alarm_at=None, rang_at=None, moves=())


def every(check: Callable[[Lead], bool], leads: Iterable[Lead]) -> bool:
    return all(check(lead) for lead in leads)
