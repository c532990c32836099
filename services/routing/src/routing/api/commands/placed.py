"""Where leads are after commands about them, as answers show it."""

from datetime import datetime
from uuid import UUID

from events.runtime import DomainError
from events.runtime.rows import Row
from routing import handlers


class PlacedLead(Row):
    """Where a lead is after a command, and whether that moved it."""

    lead_id: UUID
    rep_id: str | None
    previous_rep_id: str | None
    team: str | None
    queue: str | None
    placement: int
    meeting_at: datetime | None
    changed: bool


class LeadNotMoved(Row):
    """A lead of many that was not moved, and the code of why."""

    lead_id: UUID
    changed: bool
    problem: str


class MovedLeads(Row):
    """What became of each of many leads."""

    items: list[PlacedLead | LeadNotMoved]


def make_placed_lead(found: handlers.CommandResult) -> PlacedLead:
    """Return where a lead is after a command."""
    lead = found.lead
    return PlacedLead(
        lead_id=lead.lead_id,
        rep_id=lead.rep_id,
        previous_rep_id=found.previous_rep_id,
        team=lead.team,
        queue=lead.queue,
        placement=lead.placement,
        meeting_at=lead.meeting_at,
        changed=found.changed,
    )


def make_move_result(lead_id: UUID, found: handlers.CommandResult | DomainError) -> PlacedLead | LeadNotMoved:
    """Return what became of one of many leads."""
    if isinstance(found, DomainError):
        return LeadNotMoved(lead_id, changed=False, problem=found.code)
    return make_placed_lead(found)
