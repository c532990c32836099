"""How long a returning person waits for the rep who knows them, and a date for somebody's working day to begin.

Such a lead is not handed over yet: no promise runs while the rep sleeps. Who asked for sales never waits.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from routing.domain.accounts import Claim
from routing.domain.context import RoutingContext
from routing.domain.leads import Lead
from routing.domain.legal_basis import ASKED_LEAD_TYPES, ASKING_PREFERENCES
from routing.domain.reps import Seat, next_available_at
from routing.domain.rules import RuleRoute

WAKE_UP = "wake_up"
WAITS = "waits_for_working_day"


class Wait(NamedTuple):
    """Until when a lead waits, and why."""

    until: datetime
    why: str


def find_wait(
    lead: Lead, route: RuleRoute, claims: tuple[Claim, ...], context: RoutingContext, now: datetime
) -> Wait | None:
    """Return how long a lead waits before it is placed; None where it is placed at once.

    A date without a time means the beginning of the working day of whoever should have the lead: the first with a claim
    on it, be it as the account's owner or as who had the person before, else the team. Who comes back without asking
    for sales waits for who had them before, where nobody has a stronger claim. A rep who will not be back within the
    limit of the playbook is passed over.
    """
    facts, limit = lead.known_facts, context.playbook.account_first.returning_waits
    if limit is None or facts.lead_type in ASKED_LEAD_TYPES or facts.preference in ASKING_PREFERENCES or lead.had_by:
        return None
    woken, latest = facts.engagement == WAKE_UP, now + limit.length
    for claim in claims:
        seat = _find_seat(claim.rep_id, context)
        if seat is None or seat.rep.status != "active":
            continue
        back = seat.available_at(now)
        is_there = back is not None and not _is_not_at_work(seat, now)
        if is_there or not (woken or _has_had_contact_before(claim, facts.contact_id, context)):
            return None
        if back is not None and back <= latest:
            return Wait(back, claim.why)
    team = context.pools[route.queue.team].seats.values() if woken else ()
    seats = [seat for seat in team if seat.rep.status == "active"]
    if not seats or not all(_is_not_at_work(seat, now) for seat in seats):
        return None
    back = next_available_at(seats, now)
    return Wait(back, f"nobody of {route.queue.team} is at work") if back is not None and back <= latest else None


def _find_seat(rep_id: str, context: RoutingContext) -> Seat | None:
    team = context.team_of.get(rep_id)
    return None if team is None else context.pools[team].seats[rep_id]


def _has_had_contact_before(claim: Claim, contact_id: UUID, context: RoutingContext) -> bool:
    """Whether a rep had the person before, also where another claim of theirs, as the account's owner, is stronger."""
    last = context.directory.last_cycles.get(contact_id)
    returning = context.playbook.account_first.returning
    return returning and last is not None and last.rep_id == claim.rep_id


def _is_not_at_work(seat: Seat, now: datetime) -> bool:
    return seat.rep.why_away(now) is not None
