"""What an event makes of a case."""

from events.leads import LeadLifecycle
from newcomer.domain.cases import Case


def case_of(event: LeadLifecycle) -> Case | None:
    """Return the case that a life makes: where its last cycle stands; None where it has no cycle."""
    if not event.cycles:
        return None
    last = max(event.cycles, key=lambda cycle: cycle.cycle)
    return Case(event.contact_id, event.revision, last.lead_id, last.state, last.since)
