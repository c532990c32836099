"""Who is to have a lead: who has a claim on it first, then whoever's turn it is in the line's team, or nobody."""

from typing import NamedTuple

from events.leads import LeadFacts, Tried
from routing.domain.accounts import Claim
from routing.domain.leads import Floor, Grounds
from routing.domain.rotation import Rotation
from routing.domain.rules import Route, tried

SKIPPED_SHOWN = 5
"""So many reps who could not take a lead are named in its event; of the others the number is given. The record of the
decision has them all."""


class Choice(NamedTuple):
    """Who is to have a lead (None: nobody), how that came about, and what was tried."""

    rep_id: str | None
    reason: str
    tried: tuple[Tried, ...]
    in_turn: bool = True
    """Whether the rotation moves on."""
    by: str | None = None
    note: str | None = None
    grounds: Grounds | None = None


def choose(
    facts: LeadFacts,
    way: Route,
    claims: tuple[Claim, ...],
    floor: Floor,
    *,
    without: frozenset[str] = frozenset(),
    in_line: bool = False,
    team: str | None = None,
) -> Choice:
    """Choose the rep best placed, `without` some; `in_line`, who waits in front comes first.

    `team` is asked instead of the line's team, and of those with a claim only its members.
    """
    lines = list(way.tried)
    ahead = in_line and floor.is_ahead(way.queue.team, way.queue.priority, facts.fit)
    grounds = Grounds(floor.turn, claims, tuple(sorted(without)), ahead, team)
    for claim in claims:
        why_not = _why_no_claim(claim, floor, without, team)
        if why_not is None:
            lines.append(tried(claim.reason, "chosen", claim.why))
            counts = floor.playbook.fairness.owners_count
            return Choice(claim.rep_id, claim.reason, tuple(lines), in_turn=counts, grounds=grounds)
        lines.append(tried(claim.reason, "lost", f"{claim.rep_id}: {why_not}"))
    asked = team or way.queue.team
    if ahead:
        lines.append(tried(f"rotation:{asked}", "lost", "others wait in front"))
        return Choice(None, "others_wait", tuple(lines), grounds=grounds)
    pool = floor.pools[asked]
    lines += _resting(pool)
    seat = pool.next(without)
    if seat is None:
        lines.append(tried(f"rotation:{asked}", "lost", "nobody can take it now"))
        return Choice(None, "nobody_eligible", tuple(lines), grounds=grounds)
    lines.append(tried(f"rotation:{asked}", "chosen", f"{seat.rep.rep_id} is next in turn"))
    return Choice(seat.rep.rep_id, "rotation", tuple(lines), grounds=grounds)


def _why_no_claim(claim: Claim, floor: Floor, without: frozenset[str], team: str | None) -> str | None:
    if claim.rep_id in without:
        return "has had it"
    if team is not None and floor.team_of.get(claim.rep_id) != team:
        return f"not in {team}"
    return why_unable(claim.rep_id, floor)


def why_unable(rep_id: str, floor: Floor) -> str | None:
    """Say why a rep can take no lead now; None for who can."""
    team = floor.team_of.get(rep_id)
    return "not a rep we know" if team is None else floor.pools[team].seats[rep_id].why_not


def _resting(pool: Rotation) -> list[Tried]:
    if pool.all_able:
        return []
    resting = [seat for seat in pool.seats.values() if seat.why_not is not None]
    lines = [tried(f"rep:{seat.rep.rep_id}", "skipped", str(seat.why_not)) for seat in resting[:SKIPPED_SHOWN]]
    if len(resting) > SKIPPED_SHOWN:
        lines.append(tried("reps", "skipped", f"{len(resting) - SKIPPED_SHOWN} more"))
    return lines
