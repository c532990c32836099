"""From what was decided to the events that are published, each with the lead's state and the playbook's version."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal, cast

from events.envelope import LeadEvent
from events.ids import derive_id
from events.leads import (
    Bant,
    ContactCorrections,
    LeadAccepted,
    LeadConfirmed,
    LeadCorrected,
    LeadCycle,
    LeadDisqualified,
    LeadLost,
    LeadRecycled,
    LeadRejected,
    LeadWoken,
    LeadWon,
    LeadWorkEvent,
    OpportunityOpened,
    SalesFindings,
)
from events.parts import Scalar
from feedback.domain import commands as asked
from feedback.domain.corrections import MOST_EMPLOYEES
from feedback.domain.decision_context import DecisionContext
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import Move, State
from feedback.domain.orders import CommandOrder
from feedback.domain.verdict import read_renewal_date

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


def build_command_events(
    lead: Lead, order: CommandOrder, at: datetime, context: DecisionContext, then: State
) -> tuple[LeadEvent, ...]:
    """Return the event of a command. A return and a disqualification are published as the end of the cycle."""
    command = order.command

    def event(kind: type[LeadWorkEvent], **given: Any) -> LeadEvent:
        return build_lead_event(kind, lead, order, at, context, from_state=then, **given)

    if isinstance(command, asked.Accept):
        found = event(LeadAccepted)
    elif isinstance(command, asked.Reject):
        has_note, corrected = command.note is not None, _corrected_facts_of_rejection(command.context)
        found = event(LeadRejected, reason=command.reason, has_note=has_note, corrected=corrected)
    elif isinstance(command, asked.Lost):
        found = event(LeadLost, reason=command.reason, has_note=command.note is not None)
    elif isinstance(command, asked.Confirm):
        found = event(LeadConfirmed, bant=Bant(**command.bant.answers))
    elif isinstance(command, asked.OpenOpportunity):
        found = event(
            OpportunityOpened, amount=command.amount, currency=command.currency, external_id=command.external_id
        )
    elif isinstance(command, asked.Won):
        found = event(LeadWon, amount=command.amount)
    else:
        return ()
    return (found,)


def build_lead_event(
    kind: type[LeadWorkEvent], lead: Lead, order: CommandOrder, at: datetime, context: DecisionContext, /, **given: Any
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


def build_unpublished_end_event(lead: Lead, context: DecisionContext) -> tuple[Lead, tuple[LeadEvent, ...]]:
    """Return the event for the end of a cycle that was not published yet, and the lead that knows that it is."""
    end = lead.standing.end
    end_id = end.id if end is not None else None
    if end_id == lead.published_end:
        return lead, ()
    lead = lead.with_facts(published_end=end_id)
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
        attempts=lead.count_attempts(context.rules.spell_minutes),
        has_note=end.has_note,
        track=end.track,
        wake_at=end.wake_at,
        segment=lead.segment,
        rep_id=lead.rep_id,
        from_state=lead.standing.ended_from,
        state=lead.state,
    )
    return lead, (event,)


def build_unpublished_woken_events(
    lead: Lead, engaged_at: datetime | None, context: DecisionContext
) -> tuple[LeadWoken, ...]:
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
            starts_at=_wake_up_starts_with(end, engaged_at, context),
            segment=lead.segment,
        ),
    )


def _wake_up_starts_with(
    end: Move, engaged_at: datetime | None, context: DecisionContext
) -> Literal["marketing", "sales"]:
    """Return where a wake-up starts: nobody is called on a date alone, unless the reason is one to call."""
    if end.step == "merge" or (engaged_at is not None and engaged_at > end.at):
        return "sales"
    reason = context.rules.reasons.get(end.reason or "")
    return "marketing" if reason is None else reason.wakes_at


def build_cycle_snapshot(lead: Lead, stages: Collection[str] = ()) -> LeadCycle:
    """Write one cycle as a CRM mirrors it, with its stage by the definitions."""
    fields = dict(zip(_MIRROR, lead.crm_values, strict=True))
    return LeadCycle(**fields, contact_id=lead.contact_id, stage=lead.stage(stages))


def build_correction_event(
    lead: Lead, order: CommandOrder, at: datetime, context: DecisionContext
) -> tuple[LeadCorrected, ...]:
    """Return the event of what a person found out about the contact beside deciding about the lead, if anything."""
    command = order.command
    found: SalesFindings | None = None
    if isinstance(command, asked.CorrectContactFacts):
        found = SalesFindings(**command.facts.model_dump())
    elif isinstance(command, asked.CommandWithReason):
        found = find_sales_findings(command)
    if found is None:
        return ()
    reason = command.reason if isinstance(command, asked.CommandWithReason) else None
    event = build_lead_event(LeadCorrected, lead, order, at, context, found=found, reason=reason)
    return (cast("LeadCorrected", event),)


def find_sales_findings(command: asked.CommandWithReason) -> SalesFindings | None:
    """Return what the context of a reason says about the contact; a value of another kind is none."""
    context = dict(command.context)
    employees = context.get("employees")
    if isinstance(employees, str) and _SIZE.fullmatch(employees):
        context["employees"] = int(employees)
    corrected = _corrected_facts_of_rejection(context)
    competitor = context.get("competitor")
    renewal_at = command.renewal_at if isinstance(command, asked.Recycle) else None
    found = SalesFindings(
        **(corrected.as_dict() if corrected else {}),
        competitor=competitor if isinstance(competitor, str) and competitor else None,
        renewal_at=renewal_at or read_renewal_date(context),
    )
    return found if found.as_dict(filled=True) else None


def build_size_correction_event(lead: Lead, employees: int, context: DecisionContext) -> LeadCorrected:
    """Return the event by which the answer to a size check replaces what sales had found out before."""
    end = lead.standing.end
    return LeadCorrected(
        occurred_at=lead.woken_at or context.now,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        action_id=derive_id("size", end.id if end is not None else lead.lead_id),
        by="feedback",
        recorded_at=context.now,
        state=lead.state,
        playbook_version=context.version,
        found=SalesFindings(employees=employees),
    )


def _corrected_facts_of_rejection(context: Mapping[str, Scalar]) -> ContactCorrections | None:
    """Return the facts that a rejection corrects; what is no value of the fact, as a correction has it, is none."""
    found = {
        name: value
        for name, value in context.items()
        if name in ContactCorrections.fields() and _is_valid_correction(name, value)
    }
    return ContactCorrections.read(found) if found else None


def _is_valid_correction(name: str, value: Scalar) -> bool:
    if name == "employees":
        return type(value) is int and 0 <= value <= MOST_EMPLOYEES
    return isinstance(value, str) and value != ""
