"""What became of a promise, as facts that may arrive in any order: missed, kept, taken back."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from events.envelope import Event
from events.sla import ClockBreached, ClockEvent, ClockMet, ClockRescinded


class PromiseFact(NamedTuple):
    """What one event says of its clock; what it does not know is None.

    Each fact is published once, so rows of one clock are put together column by column.
    """

    clock_id: UUID
    lead_id: UUID
    contact_id: UUID
    clock: str
    policy: str
    rep_id: str | None
    team: str | None
    started_at: datetime
    due_at: datetime | None
    as_of: datetime
    breached_at: datetime | None = None
    met_at: datetime | None = None
    late_seconds: float | None = None
    rescinded_at: datetime | None = None


def read_promise_fact(event: Event) -> PromiseFact | None:
    """Return what an event says of its clock, None where it says nothing."""
    match event:
        case ClockBreached():
            return _of(event)._replace(breached_at=event.occurred_at)
        case ClockMet():
            return _of(event)._replace(met_at=event.met_at, late_seconds=event.overdue_seconds)
        case ClockRescinded():
            return _of(event)._replace(rescinded_at=event.occurred_at)
    return None


def _of(event: ClockEvent) -> PromiseFact:
    return PromiseFact(
        event.clock_id, event.lead_id, event.contact_id, event.clock, event.policy, event.rep_id, event.team,
        event.started_at, event.due_at, event.occurred_at,
    )  # fmt: skip
