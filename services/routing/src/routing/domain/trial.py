"""What would become of a lead that is like another, without doing it."""

from dataclasses import dataclass
from datetime import datetime

from events.leads import LeadFacts, TriedCandidate
from routing.domain.context import RoutingContext
from routing.domain.leads import Lead
from routing.domain.placement import place_lead
from routing.domain.rules import choose_queue_by_rules


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The rule that matches a lead, where the lead would be, and what was tried on the way."""

    outcome: str
    """`assigned`, `queued`, `released`, or `waits` for somebody's working day."""
    rule: str
    queue: str
    team: str
    rep_id: str | None
    reason: str
    waits_until: datetime | None
    tried: tuple[TriedCandidate, ...]


def try_placement(lead: Lead, facts: LeadFacts, context: RoutingContext, now: datetime) -> TrialResult:
    """Return what `place_lead` would decide about a new lead; nothing is published or saved."""
    decision = place_lead(lead, facts, context, now, may_wait=True)
    record, placed = decision.record, decision.lead
    route = choose_queue_by_rules(placed.known_facts, context.playbook)
    return TrialResult(
        outcome="waits" if record is not None and record.until is not None else placed.state,
        rule=route.tried[-1].rule.removeprefix("rule:"),
        queue=route.name,
        team=route.queue.team,
        rep_id=placed.rep_id,
        reason=record.reason if record is not None else "",
        waits_until=record.until if record is not None else None,
        tried=record.tried if record is not None else (),
    )
