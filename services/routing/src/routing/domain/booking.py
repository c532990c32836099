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
from routing.domain.rep_choice import RepChoice
from routing.domain.reps import Rep, Seat
from routing.domain.rules import RuleRoute, make_tried_candidate
from routing.playbook import BookingRule, Capacity

WANTS_SLOT = "book"
BOOKED_BY_CONTACT = "slot_booked"
LOOKED_AT_EACH = timedelta(minutes=15)
"""A rep must be at work at the beginning, at the end, and so often in between."""


class Slot(NamedTuple):
    """A time at which a contact can meet one of these reps."""

    starts_at: datetime
    ends_at: datetime
    rep_ids: tuple[str, ...]


def choose_rep_for_preferred_time(
    lead: Lead, route: RuleRoute, claims: Sequence[Claim], context: RoutingContext, now: datetime
) -> RepChoice:
    """Choose the rep who meets a contact at the time they asked for.

    Returns:
        The rep with a claim on the lead who is free then, else the one of the team with the fewest meetings. A choice
        whose `rep_id` is None where the contact asked for no time, has that slot, or nobody is free then.
    """
    at = lead.known_facts.preferred_at
    if lead.known_facts.preference != WANTS_SLOT or at is None or at == lead.meeting_at:
        return RepChoice(None, "no_slot", ())
    return choose_rep_for_slot(lead, route, claims, context, (now, at))


def choose_rep_for_slot(
    lead: Lead, route: RuleRoute, claims: Sequence[Claim], context: RoutingContext, times: tuple[datetime, datetime]
) -> RepChoice:
    """Choose the rep who meets a contact, whoever has the lead first, of any team; `times` are now and then.

    Whoever had the lead and lost it is left out.
    """
    now, at = times
    booking, seats = context.playbook.booking, dict(context.pools[route.queue.team].seats)
    if lead.rep_id is not None and lead.rep_id in context.team_of:
        own = context.pools[context.team_of[lead.rep_id]].seats[lead.rep_id]
        seats[lead.rep_id] = seat_without_limits(own)
    shown = f"{at:%Y-%m-%d %H:%M} UTC"
    if not now + booking.notice.length <= at <= now + timedelta(days=booking.days_ahead):
        return RepChoice(
            None, "no_slot", (*route.tried, make_tried_candidate("slot", "lost", f"{shown} can't be booked now"))
        )
    left_out = {rep_id for rep_id in lead.had_by if rep_id != lead.rep_id}
    free = {
        rep_id
        for rep_id, seat in seats.items()
        if rep_id not in left_out and is_rep_free(seat, _meeting_times_with_others(rep_id, lead, context), at, booking)
    }
    if not free:
        return RepChoice(
            None, "no_slot", (*route.tried, make_tried_candidate("slot", "lost", f"nobody is free at {shown}"))
        )
    first = [lead.rep_id or "", *(claim.rep_id for claim in claims)]
    known = next((rep_id for rep_id in first if rep_id in free), None)
    chosen = known or min(free, key=lambda rep_id: (len(context.booked.get(rep_id, ())), rep_id))
    line = make_tried_candidate("slot", "chosen", f"{chosen} is free at {shown}")
    return RepChoice(chosen, BOOKED_BY_CONTACT, (*route.tried, line), in_turn=False, meeting_at=at)


def _meeting_times_with_others(rep_id: str, lead: Lead, context: RoutingContext) -> Iterator[datetime]:
    """Yield when a rep meets others: the slot that a lead has is free for another time of its own."""
    own = lead.meeting_at if rep_id == lead.rep_id else None
    return (at for at in context.booked.get(rep_id, ()) if at != own)


def seat_without_limits(seat: Seat) -> Seat:
    """Return the seat of a rep for a meeting about a lead that they have: it makes them no fuller."""
    return replace(seat, rep=replace(seat.rep, capacity=Capacity()))


def is_rep_free(seat: Seat, booked: Iterable[datetime], at: datetime, booking: BookingRule) -> bool:
    """Whether a rep can meet somebody at an instant: active, at work, not full, and with no other meeting."""
    rep, length = seat.rep, booking.meeting_length
    full = rep.capacity.open is not None and seat.open >= rep.capacity.open
    if rep.status != "active" or full or any(abs(other - at) < length for other in booked):
        return False
    looks = [at + LOOKED_AT_EACH * nth for nth in range(ceil(length / LOOKED_AT_EACH))]
    return all(_is_at_work(rep, look, booking) for look in (*looks, at + length - timedelta(seconds=1)))


def find_reps_not_free_at(at: datetime | None, context: RoutingContext, now: datetime) -> frozenset[str]:
    """Return the reps who can't meet somebody at an instant; nobody where it is none, or is over."""
    if at is None or at <= now:
        return frozenset()
    seats = [seat for pool in context.pools.values() for seat in pool.seats.values()]
    booked, rules = context.booked, context.playbook.booking
    return frozenset(
        seat.rep.rep_id for seat in seats if not is_rep_free(seat, booked.get(seat.rep.rep_id, ()), at, rules)
    )


def find_free_slots(
    seats: Sequence[Seat],
    booked: Mapping[str, Sequence[datetime]],
    booking: BookingRule,
    now: datetime,
    within: tuple[datetime, datetime],
) -> Iterator[Slot]:
    """Yield the free slots of these reps between two instants, in order; they begin at multiples of their length."""
    since, until = within
    begins = max(since, now + booking.notice.length)
    ends = min(until, now + timedelta(days=booking.days_ahead))
    midnight = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + booking.meeting_length * ceil((begins - midnight) / booking.meeting_length)
    while at < ends:
        free = [seat.rep.rep_id for seat in seats if is_rep_free(seat, booked.get(seat.rep.rep_id, ()), at, booking)]
        if free:
            yield Slot(at, at + booking.meeting_length, tuple(free))
        at += booking.meeting_length


def _is_at_work(rep: Rep, at: datetime, booking: BookingRule) -> bool:
    if rep.why_away(at) is not None:
        return False
    return rep.works is not None or replace(rep, works=booking.hours).why_away(at) is None
