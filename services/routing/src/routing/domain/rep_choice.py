"""Which rep is to have a lead: whoever has a claim on it, else the next in turn of the queue's team, or nobody."""

from datetime import datetime
from typing import NamedTuple

from events.leads import LeadFacts, TriedCandidate
from routing.domain.accounts import Claim
from routing.domain.context import RoutingContext
from routing.domain.leads import ChoiceInputs
from routing.domain.rotation import Rotation
from routing.domain.rules import RuleRoute, make_tried_candidate

SKIPPED_SHOWN = 5
"""So many reps who could not take a lead are named in its event; of the others the number is given. The record of the
decision has them all."""


class RepChoice(NamedTuple):
    """The rep who is to have a lead (None: nobody), the reason, and the lines of what was tried."""

    rep_id: str | None
    reason: str
    tried: tuple[TriedCandidate, ...]
    in_turn: bool = True
    """Whether the rotation moves on."""
    by: str | None = None
    note: str | None = None
    meeting_at: datetime | None = None
    """When the rep meets the contact, where a slot was booked."""
    inputs: ChoiceInputs | None = None


def choose_rep(
    facts: LeadFacts,
    route: RuleRoute,
    claims: tuple[Claim, ...],
    context: RoutingContext,
    *,
    without: frozenset[str] = frozenset(),
    respect_queue: bool = False,
    team: str | None = None,
) -> RepChoice:
    """Choose the rep for a lead.

    Args:
        facts: The lead, as scoring published it.
        route: Its queue and the rules that were tried.
        claims: Who has a claim on it, the strongest first.
        context: With the rotations of the asked team and of those who have a claim.
        without: Reps who are excluded.
        respect_queue: Whether leads that wait in front are served first; then only a claim assigns this lead.
        team: Asked instead of the route's team; only its members' claims count.

    Returns:
        A choice whose `rep_id` is None where nobody can take the lead (`nobody_eligible`) or others wait
        (`others_wait`).
    """
    lines = list(route.tried)
    ahead = respect_queue and context.has_others_ahead(route.queue.team, route.queue.priority, facts.fit)
    inputs = ChoiceInputs(context.turn, claims, tuple(sorted(without)), ahead, team)
    for claim in claims:
        why_not = _why_claim_fails(claim, context, without, team)
        if why_not is None:
            lines.append(make_tried_candidate(claim.reason, "chosen", claim.why))
            counts = context.playbook.fairness.owners_count
            return RepChoice(claim.rep_id, claim.reason, tuple(lines), in_turn=counts, inputs=inputs)
        lines.append(make_tried_candidate(claim.reason, "lost", f"{claim.rep_id}: {why_not}"))
    asked = team or route.queue.team
    if ahead:
        lines.append(make_tried_candidate(f"rotation:{asked}", "lost", "others wait in front"))
        return RepChoice(None, "others_wait", tuple(lines), inputs=inputs)
    pool = context.pools[asked]
    lines += _list_unavailable_reps(pool)
    seat = pool.next_seat(without)
    if seat is None:
        lines.append(make_tried_candidate(f"rotation:{asked}", "lost", "nobody can take it now"))
        return RepChoice(None, "nobody_eligible", tuple(lines), inputs=inputs)
    lines.append(make_tried_candidate(f"rotation:{asked}", "chosen", f"{seat.rep.rep_id} is next in turn"))
    return RepChoice(seat.rep.rep_id, "rotation", tuple(lines), inputs=inputs)


def _why_claim_fails(claim: Claim, context: RoutingContext, without: frozenset[str], team: str | None) -> str | None:
    if claim.rep_id in without:
        return "has had it"
    if team is not None and context.team_of.get(claim.rep_id) != team:
        return f"not in {team}"
    return why_rep_unable(claim.rep_id, context)


def why_rep_unable(rep_id: str, context: RoutingContext) -> str | None:
    """Return why a rep can take no lead now; None where they can."""
    team = context.team_of.get(rep_id)
    return "not a rep we know" if team is None else context.pools[team].seats[rep_id].why_not


def _list_unavailable_reps(pool: Rotation) -> list[TriedCandidate]:
    if pool.all_able:
        return []
    unavailable = [seat for seat in pool.seats.values() if seat.why_not is not None]
    lines = [
        make_tried_candidate(f"rep:{seat.rep.rep_id}", "skipped", str(seat.why_not))
        for seat in unavailable[:SKIPPED_SHOWN]
    ]
    if len(unavailable) > SKIPPED_SHOWN:
        lines.append(make_tried_candidate("reps", "skipped", f"{len(unavailable) - SKIPPED_SHOWN} more"))
    return lines
