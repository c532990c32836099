"""Meetings: which slots are free, and who holds the one that a contact asked for.

A slot belongs to the lead that is assigned to the rep and has `meeting_at`. Everybody who books locks the team's pool,
so two contacts never get one slot of one rep. A rep whose hours nobody wrote down works as `booking.hours` say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from routing.domain.accounts import Claim
from routing.domain.context import RoutingContext
from routing.domain.leads import Lead
from routing.domain.rep_choice import Choice
from routing.domain.reps import Rep, Seat
from routing.domain.rules import Route, tried
from routing.playbook import Booking

WANTS_SLOT = "book"
BOOKED_BY_CONTACT = "slot_booked"
LOOKED_AT_EACH = timedelta(minutes=15)
"""A rep must be at work at the beginning, at the end, and so often in between."""


class Slot(NamedTuple):
    """A time at which a contact can meet one of these reps."""

    starts_at: datetime
    ends_at: datetime
    rep_ids: tuple[str, ...]


def reserve_preferred(
    lead: Lead, route: Route, claims: Sequence[Claim], context: RoutingContext, now: datetime
) -> Choice:
    """Choose the rep who meets a contact at the time they asked for.

    Returns:
        The rep with a claim on the lead who is free then, else the one of the team with the fewest meetings. A choice
        whose `rep_id` is None where the contact asked for no time, or nobody is free then.
    """
    at = lead.known_facts.preferred_at
    if lead.known_facts.preference != WANTS_SLOT or at is None:
        return Choice(None, "no_slot", ())
    return reserve(lead, route, claims, context, (now, at))


def reserve(
    lead: Lead, route: Route, claims: Sequence[Claim], context: RoutingContext, times: tuple[datetime, datetime]
) -> Choice:
    """Choose the rep who meets a contact; whoever had the lead and lost it is left out. `times` are now and then."""
    now, at = times
    booking, pool = context.playbook.booking, context.pools[route.queue.team]
    shown = f"{at:%Y-%m-%d %H:%M} UTC"
    if not now + booking.notice.length <= at <= now + timedelta(days=booking.days_ahead):
        return Choice(None, "no_slot", (*route.tried, tried("slot", "lost", f"{shown} can't be booked now")))
    left_out = {rep_id for rep_id in lead.had_by if rep_id != lead.rep_id}
    free = {
        rep_id
        for rep_id, seat in pool.seats.items()
        if rep_id not in left_out and is_free(seat, context.booked.get(rep_id, ()), at, booking)
    }
    if not free:
        return Choice(None, "no_slot", (*route.tried, tried("slot", "lost", f"nobody is free at {shown}")))
    first = [lead.rep_id or "", *(claim.rep_id for claim in claims)]
    known = next((rep_id for rep_id in first if rep_id in free), None)
    chosen = known or min(free, key=lambda rep_id: (len(context.booked.get(rep_id, ())), rep_id))
    line = tried("slot", "chosen", f"{chosen} is free at {shown}")
    return Choice(chosen, BOOKED_BY_CONTACT, (*route.tried, line), in_turn=False, meeting_at=at)


def is_free(seat: Seat, booked: Iterable[datetime], at: datetime, booking: Booking) -> bool:
    """Whether a rep can meet somebody at an instant: active, at work, not full, and with no other meeting."""
    rep, length = seat.rep, booking.length
    full = rep.capacity.open is not None and seat.open >= rep.capacity.open
    if rep.status != "active" or full or any(abs(other - at) < length for other in booked):
        return False
    looks = [at + LOOKED_AT_EACH * nth for nth in range(ceil(length / LOOKED_AT_EACH))]
    return all(_at_work(rep, look, booking) for look in (*looks, at + length - timedelta(seconds=1)))


def free_slots(
    seats: Sequence[Seat],
    booked: Mapping[str, Sequence[datetime]],
    booking: Booking,
    now: datetime,
    within: tuple[datetime, datetime],
) -> Iterator[Slot]:
    """Yield the free slots of these reps between two instants, in order; they begin at multiples of their length."""
    since, until = within
    begins = max(since, now + booking.notice.length)
    ends = min(until, now + timedelta(days=booking.days_ahead))
    midnight = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + booking.length * ceil((begins - midnight) / booking.length)
    while at < ends:
        free = [seat.rep.rep_id for seat in seats if is_free(seat, booked.get(seat.rep.rep_id, ()), at, booking)]
        if free:
            yield Slot(at, at + booking.length, tuple(free))
        at += booking.length


def _at_work(rep: Rep, at: datetime, booking: Booking) -> bool:
    if rep.away(at) is not None:
        return False
    return rep.works is not None or replace(rep, works=booking.hours).away(at) is None
