"""How long a returning person waits for the rep who knows them, and a date for somebody's working day to begin.

Such a lead is not handed over yet: no promise runs while the rep sleeps. Who asked for sales never waits.
"""

from datetime import datetime
from typing import NamedTuple

from routing.domain.accounts import Claim
from routing.domain.context import RoutingContext
from routing.domain.leads import Lead
from routing.domain.legal_basis import ASKED, ASKED_BY
from routing.domain.reps import Seat, next_available_at
from routing.domain.rules import Route

KNOWS_THEM = "knows_them"
WAKE_UP = "wake_up"
WAITS = "waits_for_working_day"


class Wait(NamedTuple):
    """Until when a lead waits, and why."""

    until: datetime
    why: str


def wait_of(lead: Lead, route: Route, claims: tuple[Claim, ...], context: RoutingContext, now: datetime) -> Wait | None:
    """Return how long a lead waits before it is placed; None where it is placed at once.

    It waits for the rep with the first claim, where they had the person before and are off work, and after a wake-up
    by date for the first of its team, where all are; at most as long as the playbook says.
    """
    facts, limit = lead.known_facts, context.playbook.account_first.returning_waits
    if limit is None or facts.lead_type in ASKED or facts.preference in ASKED_BY or lead.had_by:
        return None
    back: datetime | None = None
    why = ""
    if claims and claims[0].reason == KNOWS_THEM:
        rep_id = claims[0].rep_id
        team = context.team_of.get(rep_id)
        seat = context.pools[team].seats[rep_id] if team is not None else None
        if seat is not None and _is_off(seat, now):
            back, why = seat.available_at(now), f"{rep_id} has had them before"
    elif not claims and facts.engagement == WAKE_UP:
        seats = list(context.pools[route.queue.team].seats.values())
        if seats and all(_is_off(seat, now) for seat in seats):
            back, why = next_available_at(seats, now), f"nobody of {route.queue.team} is at work"
    return Wait(back, why) if back is not None and now < back <= now + limit.length else None


def _is_off(seat: Seat, now: datetime) -> bool:
    return seat.rep.status == "active" and seat.rep.away(now) is not None
