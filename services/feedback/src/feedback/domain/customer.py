"""What becomes of a customer after the win: growth counts to the win's revenue, and who leaves goes back to nurture."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events.leads import CustomerChanged
from feedback.domain.commands import CustomerChange
from feedback.domain.contact import Contact
from feedback.domain.decision_context import DecisionContext
from feedback.domain.decisions import compute_occurrence_time, compute_state_at, end_by_unnamed_reason
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import Move, Step, find_target_state

STEPS: Mapping[str, Step] = {"upsold": "grow", "renewed": "grow", "churned": "churn", "handed_back": "hand_back"}


@dataclass(frozen=True, slots=True)
class ChangedCustomer:
    """A customer after the change: the lead that won them, where it is known and the table allows the step."""

    lead: Lead | None
    event: CustomerChanged


def apply_customer_change(
    contact: Contact, asked: CustomerChange, by: str, action_id: UUID, context: DecisionContext
) -> ChangedCustomer:
    """Apply what customer success reports, placed where it happened."""
    at = compute_occurrence_time(asked.at, context)
    lead, moved = _last_won_lead(contact, at), None
    before = None if lead is None else compute_state_at(lead, at)
    if lead is not None and before is not None:
        move = Move(action_id, STEPS[asked.change], at, by, amount=asked.amount, playbook_version=context.version)
        if find_target_state(before, move, lead.roles) is not None:
            moved = _lead_after_customer_step(lead, move, asked.change, context)
    return ChangedCustomer(
        moved,
        CustomerChanged(
            occurred_at=at,
            contact_id=contact.contact_id,
            action_id=action_id,
            change=asked.change,
            amount=asked.amount,
            by=by,
            lead_id=None if lead is None else lead.lead_id,
            recorded_at=context.now,
            state=None if moved is None else moved.state,
            from_state=before,
            playbook_version=context.version,
        ),
    )


def _last_won_lead(contact: Contact, at: datetime) -> Lead | None:
    """Return the last lead that had been won by then."""
    won = [
        lead for lead in contact.leads_in_cycle_order if lead.standing.won_at is not None and lead.standing.won_at <= at
    ]
    return won[-1] if won else None


def _lead_after_customer_step(lead: Lead, move: Move, reason: str, context: DecisionContext) -> Lead:
    if move.step == "grow":
        return lead.with_facts(moves=(*lead.moves, move))
    return end_by_unnamed_reason(lead, Move(move.id, move.step, move.at, move.by, reason=reason), context)
