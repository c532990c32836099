"""Who is to have a lead: the account's owner first, then whoever's turn it is in the queue's team, or nobody."""

from dataclasses import dataclass

from events.leads import LeadFacts, Tried
from routing.domain.leads import Floor
from routing.domain.rotation import Rotation
from routing.domain.rules import Route, tried

SKIPPED_SHOWN = 5
"""So many reps who could not take a lead are named in its record; of the others the number is given."""

NOBODYS_DOMAIN = ("free", "disposable")
"""Kinds of e-mail whose domain says nothing about the account."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is to have a lead (None: nobody), how that came about, and what was tried."""

    rep_id: str | None
    reason: str
    tried: tuple[Tried, ...]
    in_turn: bool = True
    """Whether the rotation moves on; an owner's or a named rep's lead does not cost them their turn."""
    by: str | None = None
    note: str | None = None


def owner_of(facts: LeadFacts, floor: Floor) -> str | None:
    """Give the owner of the lead's account, where it is known to have one."""
    return None if facts.email_kind in NOBODYS_DOMAIN else floor.owners.get(facts.email_domain or "")


def choose(
    facts: LeadFacts,
    way: Route,
    floor: Floor,
    *,
    without: frozenset[str] = frozenset(),
    in_line: bool = False,
) -> Choice:
    """Choose the rep best placed, `without` some; `in_line`, who waits in front comes first."""
    lines = list(way.tried)
    owner = owner_of(facts, floor)
    if owner is not None:
        why_not = "has had it" if owner in without else why_unable(owner, floor)
        if why_not is None:
            lines.append(tried("account_owner", "chosen", f"{owner} owns the account"))
            return Choice(owner, "account_owner", tuple(lines), in_turn=False)
        lines.append(tried("account_owner", "lost", f"{owner}: {why_not}"))
    team = way.queue.team
    if in_line and floor.is_ahead(team, way.queue.priority, facts.fit):
        lines.append(tried(f"rotation:{team}", "lost", "others wait in front"))
        return Choice(None, "others_wait", tuple(lines))
    pool = floor.pools[team]
    lines += _resting(pool)
    seat = pool.next(without)
    if seat is None:
        lines.append(tried(f"rotation:{team}", "lost", "nobody can take it now"))
        return Choice(None, "nobody_eligible", tuple(lines))
    lines.append(tried(f"rotation:{team}", "chosen", f"{seat.rep.rep_id} is next in turn"))
    return Choice(seat.rep.rep_id, "rotation", tuple(lines))


def why_unable(rep_id: str, floor: Floor) -> str | None:
    """Say why a rep can take no lead now; None for who can."""
    team = floor.team_of.get(rep_id)
    return "not a rep we know" if team is None else floor.pools[team].seats[rep_id].why_not


def _resting(pool: Rotation) -> list[Tried]:
    resting = [seat for seat in pool.seats.values() if seat.why_not is not None]
    lines = [tried(f"rep:{seat.rep.rep_id}", "skipped", str(seat.why_not)) for seat in resting[:SKIPPED_SHOWN]]
    if len(resting) > SKIPPED_SHOWN:
        lines.append(tried("reps", "skipped", f"{len(resting) - SKIPPED_SHOWN} more"))
    return lines
