"""From the events that feedback published itself to the facts that it had: for a database that was put back.

What other services publish is read again by itself, so ends that followed from their events are decided again; only
what people did, and what a timer of feedback's own ended, has to be taken from the events.
"""

from collections.abc import Mapping
from dataclasses import replace

from events.ids import derive_id
from events.leads import (
    CustomerChanged,
    CycleEndEvent,
    LeadAccepted,
    LeadConfirmed,
    LeadDisqualified,
    LeadLost,
    LeadRejected,
    LeadTouched,
    LeadWoken,
    LeadWon,
    LeadWorkEvent,
    MeetingChanged,
    OpportunityOpened,
)
from feedback.domain.customer import STEPS as CUSTOMER_STEPS
from feedback.domain.decision_context import DecisionContext
from feedback.domain.lead import Lead, apply_meeting, count_touch
from feedback.domain.lifecycle import Move, Step
from feedback.domain.verdict import ReasonGiven, compute_wake_date, find_wake_condition

STEPS: Mapping[type[LeadWorkEvent], Step] = {
    LeadAccepted: "accept",
    LeadRejected: "reject",
    LeadConfirmed: "confirm",
    OpportunityOpened: "opportunity",
    LeadWon: "won",
    LeadLost: "lost",
}
DECIDED_AGAIN = ("sla-monitor", "scoring", "contact")
"""Who ends a lead by an event that feedback reads again; merges, which it knows, do so too."""
OWN_TIMER = "feedback"


def apply_own_work(lead: Lead, event: LeadWorkEvent, context: DecisionContext) -> Lead:
    """Return the lead with what a person did: a touch, a meeting, or a step."""
    if isinstance(event, LeadTouched):
        answered = event.outcome != "no_answer" and not event.automated
        return count_touch(lead, event.occurred_at, automated=event.automated, answered=answered)
    if isinstance(event, MeetingChanged):
        return apply_meeting(lead, event.occurred_at, event.outcome, event.starts_at)
    step = STEPS.get(type(event))
    if step is None:
        return lead
    move = Move(
        event.action_id,
        step,
        event.occurred_at,
        event.by,
        to="mql" if step == "reject" else None,
        reason=getattr(event, "reason", None),
        has_note=getattr(event, "has_note", False),
        amount=getattr(event, "amount", None),
        playbook_version=event.playbook_version or "",
    )
    if step == "accept" and event.state != "accepted":
        role = context.owning_roles[0] if event.state == "sal" and context.owning_roles else None
        move = replace(move, role=role, owning=context.owning_roles)
    return lead.with_facts(moves=(*lead.moves, move))


def apply_own_end(lead: Lead, event: CycleEndEvent, context: DecisionContext) -> Lead:
    """Return the lead ended as it was published, so that its end is not published again.

    The end completes the rejection or the loss of the same instant, where there is one.
    """
    if event.by in DECIDED_AGAIN or event.by.startswith("merge:"):
        return lead
    end = Move(event.ce_id, _step_of_end(event), event.occurred_at, event.by)
    at_once = [move for move in lead.moves if (move.at, move.by) == (end.at, end.by)]
    for move in at_once:
        if move.step == "reject":
            end = move
        elif move.step == "lost":
            end = replace(end, id=derive_id("return", move.id), step="return")
    end = replace(
        end,
        to="disqualified" if isinstance(event, LeadDisqualified) else "recycled",
        reason=event.reason,
        track=event.track,
        wake_at=event.wake_at,
        wakes_on=_wake_condition_of_end(lead, event, context),
        has_note=event.has_note,
        playbook_version=event.playbook_version,
    )
    lead = lead.with_facts(moves=(*(move for move in lead.moves if move.id != end.id), end))
    return lead.with_facts(published_end=end.id) if lead.standing.end is end else lead


def _wake_condition_of_end(lead: Lead, event: CycleEndEvent, context: DecisionContext) -> str:
    reason = context.rules.reasons.get(event.reason)
    last = lead.cycle >= context.rules.max_cycles
    if isinstance(event, LeadDisqualified) or reason is None or last:
        return "hand_raise"
    by_rule = compute_wake_date(ReasonGiven(event.reason, event.occurred_at, {}), reason, context.rules)
    return find_wake_condition(reason, event.wake_at, asked=event.wake_at != by_rule)


def _step_of_end(event: CycleEndEvent) -> Step:
    if event.by == OWN_TIMER:
        return "escalate"
    step = CUSTOMER_STEPS.get(event.reason)
    if step is not None and event.from_state in ("won", "customer"):
        return step
    return "disqualify" if isinstance(event, LeadDisqualified) else "recycle"


def apply_own_wake(lead: Lead, event: LeadWoken) -> Lead:
    """Return the lead woken as it was published; an early wake-up follows again from the signal that caused it.

    Where the end is decided again, the wake-up is published again under its old name, which consumers know.
    """
    end = lead.standing.end
    rang_at = lead.rang_at if event.early else event.occurred_at
    return lead.with_facts(rang_at=rang_at, alarm_at=None, published_wake=end.id if end else lead.published_wake)


def apply_own_customer_change(lead: Lead, event: CustomerChanged) -> Lead:
    """Return the customer's lead with its growth; who left or was handed back comes with the end of the lead."""
    step = CUSTOMER_STEPS[event.change]
    if step != "grow" or event.state is None:
        return lead
    move = Move(
        event.action_id,
        step,
        event.occurred_at,
        event.by,
        amount=event.amount,
        playbook_version=event.playbook_version or "",
    )
    return lead.with_facts(moves=(*lead.moves, move))
