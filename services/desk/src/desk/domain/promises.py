"""What became of a promise, as facts that may arrive in any order: missed, kept, taken back."""

from typing import Any

from events.envelope import Event
from events.sla import ClockBreached, ClockMet, ClockRescinded

COLUMNS = ("breached_at", "met_at", "late_seconds", "rescinded_at")


def promise_of(event: Event) -> dict[str, Any] | None:
    """Return what an event says of its clock: the columns that it knows, the others None; None where it says nothing.

    Each fact is published once, so rows of one clock are put together column by column.
    """
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    match event:
        case ClockBreached():
            row["breached_at"] = event.occurred_at
        case ClockMet():
            row |= {"met_at": event.met_at, "late_seconds": event.overdue_seconds}
        case ClockRescinded():
            row["rescinded_at"] = event.occurred_at
        case _:
            return None
    shared = {name: getattr(event, name) for name in ("clock_id", "lead_id", "contact_id", "clock", "policy")}
    owner = {"rep_id": event.rep_id, "team": event.team, "due_at": event.due_at, "started_at": event.started_at}
    return {**shared, **owner, **row, "as_of": event.occurred_at}
