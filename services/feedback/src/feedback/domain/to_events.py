"""From what was decided to the events that are published, each with the lead's state and the playbook's version."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal, cast

from events.envelope import LeadEvent
from events.ids import derive
from events.leads import (
    Bant,
    Corrections,
    Cycle,
    Findings,
    LeadAccepted,
    LeadConfirmed,
    LeadCorrected,
    LeadDisqualified,
    LeadLost,
    LeadRecycled,
    LeadRejected,
    LeadWoken,
    LeadWon,
    OpportunityOpened,
    Worked,
)
from events.parts import Scalar
from feedback.domain import commands as asked
from feedback.domain.corrections import MOST_EMPLOYEES
from feedback.domain.decision_context import DecisionContext
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import Move, State
from feedback.domain.orders import Order
from feedback.domain.verdict import renewal_in

_SIZE = re.compile(r"[0-9]{1,9}")

UNMERGED = "unmerged"
"""The reason of a wake-up after a merge that was undone."""
WITHOUT_REASON = "no_outcome"
"""The reason of an end for which the playbook has none."""

_MIRROR = (
    "lead_id", "cycle", "state", "side", "since", "lead_type", "fit", "source", "campaign", "qualified_at",
    "handed_over_at", "rep_id", "team", "first_touched_at", "touches", "closed_at", "accepted_at", "confirmed_at",
    "opportunity_at", "amount", "reason", "track", "wake_at",
)  # fmt: skip


def command_events(
    lead: Lead, order: Order, at: datetime, context: DecisionContext, then: State
) -> tuple[LeadEvent, ...]:
    """Return the event of a command. A return and a disqualification are published as the end of the cycle."""
    command = order.command

    def event(kind: type[Worked], **given: Any) -> LeadEvent:
        return lead_event(kind, lead, order, at, context, from_state=then, **given)

    if isinstance(command, asked.Accept):
        found = event(LeadAccepted)
    elif isinstance(command, asked.Reject):
        has_note, corrected = command.note is not None, _corrected(command.context)
        found = event(LeadRejected, reason=command.reason, has_note=has_note, corrected=corrected)
    elif isinstance(command, asked.Lost):
        found = event(LeadLost, reason=command.reason, has_note=command.note is not None)
    elif isinstance(command, asked.Confirm):
        found = event(LeadConfirmed, bant=Bant(**command.bant.answers))
    elif isinstance(command, asked.Opportunity):
        found = event(
            OpportunityOpened, amount=command.amount, currency=command.currency, external_id=command.external_id
        )
    elif isinstance(command, asked.Won):
        found = event(LeadWon, amount=command.amount)
    else:
        return ()
    return (found,)


def lead_event(
    kind: type[Worked], lead: Lead, order: Order, at: datetime, context: DecisionContext, /, **given: Any
) -> LeadEvent:
    """Return an event of what a person did with a lead, with the state that it has now; `given` are its own fields."""
    return kind(
        occurred_at=at,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        action_id=order.action_id,
        by=order.by,
        recorded_at=context.now,
        state="lost" if kind is LeadLost else lead.state,
        playbook_version=context.version,
        **given,
    )


def take_end_event(lead: Lead) -> tuple[Lead, tuple[LeadEvent, ...]]:
    """Return the event for the end of a cycle that was not published yet, and the lead that knows that it is."""
    end = lead.standing.end
    end_id = end.id if end is not None else None
    if end_id == lead.published_end:
        return lead, ()
    lead = lead.having(published_end=end_id)
    if end is None:
        return lead, ()
    kind = LeadRecycled if lead.state == "recycled" else LeadDisqualified
    event = kind(
        occurred_at=end.at,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        playbook_version=end.playbook_version,
        reason=end.reason or WITHOUT_REASON,
        by=end.by,
        attempts=lead.touches,
        has_note=end.has_note,
        track=end.track,
        wake_at=end.wake_at,
        segment=lead.segment,
        rep_id=lead.rep_id,
        from_state=lead.standing.ended_from,
        state=lead.state,
    )
    return lead, (event,)


def woken_events(lead: Lead, engaged_at: datetime | None, context: DecisionContext) -> tuple[LeadWoken, ...]:
    """Return the event for a wake-up that was not published yet. `engaged_at` is the person's latest engagement."""
    end = lead.standing.end
    if end is None or lead.woken_at is None or lead.published_wake == end.id:
        return ()
    return (
        LeadWoken(
            occurred_at=lead.woken_at,
            contact_id=lead.contact_id,
            lead_id=lead.lead_id,
            cycle=lead.cycle,
            playbook_version=context.version,
            reason=UNMERGED if end.step == "merge" else end.reason or "",
            track=end.track,
            early=lead.woken_at != lead.rang_at,
            rep_id=lead.rep_id,
            starts_at=_starts_at(end, engaged_at, context),
            segment=lead.segment,
        ),
    )


def _starts_at(end: Move, engaged_at: datetime | None, context: DecisionContext) -> Literal["marketing", "sales"]:
    """Return where a wake-up starts: nobody is called on a date alone, unless the reason is one to call."""
    if end.step == "merge" or (engaged_at is not None and engaged_at > end.at):
        return "sales"
    reason = context.rules.reasons.get(end.reason or "")
    return "marketing" if reason is None else reason.wakes_at


def snapshot(lead: Lead, stages: Collection[str] = ()) -> Cycle:
    """Write one cycle as a CRM mirrors it, with its stage by the definitions."""
    fields = dict(zip(_MIRROR, lead.crm_values, strict=True))
    return Cycle(**fields, contact_id=lead.contact_id, stage=lead.stage(stages))


def correction_event(lead: Lead, order: Order, at: datetime, context: DecisionContext) -> tuple[LeadCorrected, ...]:
    """Return the event of what a person found out about the contact beside deciding about the lead, if anything."""
    command = order.command
    found: Findings | None = None
    if isinstance(command, asked.Correct):
        found = Findings(**command.facts.model_dump())
    elif isinstance(command, asked.WithReason):
        found = findings(command)
    if found is None:
        return ()
    reason = command.reason if isinstance(command, asked.WithReason) else None
    event = lead_event(LeadCorrected, lead, order, at, context, found=found, reason=reason)
    return (cast("LeadCorrected", event),)


def findings(command: asked.WithReason) -> Findings | None:
    """Return what the context of a reason says about the contact; a value of another kind is none."""
    context = dict(command.context)
    employees = context.get("employees")
    if isinstance(employees, str) and _SIZE.fullmatch(employees):
        context["employees"] = int(employees)
    corrected = _corrected(context)
    competitor = context.get("competitor")
    renewal_at = command.renewal_at if isinstance(command, asked.Recycle) else None
    found = Findings(
        **(corrected.as_dict() if corrected else {}),
        competitor=competitor if isinstance(competitor, str) and competitor else None,
        renewal_at=renewal_at or renewal_in(context),
    )
    return found if found.as_dict(filled=True) else None


def size_event(lead: Lead, employees: int, context: DecisionContext) -> LeadCorrected:
    """Return the event by which the answer to a size check replaces what sales had found out before."""
    end = lead.standing.end
    return LeadCorrected(
        occurred_at=lead.woken_at or context.now,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        action_id=derive("size", end.id if end is not None else lead.lead_id),
        by="feedback",
        recorded_at=context.now,
        state=lead.state,
        playbook_version=context.version,
        found=Findings(employees=employees),
    )


def _corrected(context: Mapping[str, Scalar]) -> Corrections | None:
    """Return the facts that a rejection corrects; what is no value of the fact, as a correction has it, is none."""
    found = {name: value for name, value in context.items() if name in Corrections.fields() and _corrects(name, value)}
    return Corrections.read(found) if found else None


def _corrects(name: str, value: Scalar) -> bool:
    if name == "employees":
        return type(value) is int and 0 <= value <= MOST_EMPLOYEES
    return isinstance(value, str) and value != ""
