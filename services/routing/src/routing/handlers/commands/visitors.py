"""What visitors do on the booking page: look at free slots and take one. Only the contact's id is known."""

from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from events.runtime import Transaction, merges
from routing import store
from routing.domain import Lead, Meeting, Slot, choose_queue_by_rules, find_free_slots, seat_without_limits
from routing.handlers import queries
from routing.handlers.commands.leads import reserve_slot
from routing.handlers.errors import RequestUnderWay
from routing.playbook import RoutingPlaybook

BY_VISITOR = "visitor"
OPEN = ("unplaced", "queued", "assigned")
DEFAULT_QUEUE = "booked"
A_WEEK = timedelta(days=7)
MOST_SLOTS = 500


class BookingPage(NamedTuple):
    """What the booking page shows: the meeting that is booked already, and the slots that are free."""

    meeting: Meeting | None
    slots: tuple[Slot, ...]


async def load_booking_page(tx: Transaction, contact_id: UUID) -> BookingPage:
    """Return what a visitor may book within a week; before their lead is here, the slots of those who take bookings."""
    playbook = tx.playbook(RoutingPlaybook)
    lead = await _load_newest_open_lead(tx, contact_id)
    meeting = await load_meeting_of_lead(tx, lead) if lead else None
    if lead is not None:
        team: str | None = choose_queue_by_rules(lead.known_facts, playbook).queue.team
    else:
        queue = playbook.queues.get(DEFAULT_QUEUE)
        team = queue.team if queue else None
    own = lead.rep_id if lead else None
    left_out = {rep_id for rep_id in lead.had_by if rep_id != own} if lead else set()
    seats = [
        seat_without_limits(seat) if name == own else seat
        for name, seat in (await queries.load_seats(tx, playbook)).items()
        if (seat.rep.team == team or name == own) and name not in left_out
    ]
    booked = await store.load_booked_times(tx, [seat.rep.rep_id for seat in seats], lead.lead_id if lead else None)
    found = find_free_slots(seats, booked, playbook.booking, tx.now, (tx.now, tx.now + A_WEEK))
    return BookingPage(meeting, tuple(islice(found, MOST_SLOTS)))


async def reserve_for_visitor(tx: Transaction, contact_id: UUID, at: datetime) -> None:
    """Book a slot for the open lead of a visitor.

    Raises:
        RequestUnderWay: There is no open lead: it is not here yet, or nobody in sales has it any more.
        SlotTaken: Nobody is free then.
    """
    lead = await _load_newest_open_lead(tx, contact_id)
    if lead is None:
        raise RequestUnderWay
    if lead.meeting_at != at:
        await reserve_slot(lead.lead_id, at, BY_VISITOR, tx)


async def load_meeting_of_visitor(tx: Transaction, contact_id: UUID) -> Meeting | None:
    """Return the meeting ahead of a visitor's open lead, if there is one."""
    lead = await _load_newest_open_lead(tx, contact_id)
    return await load_meeting_of_lead(tx, lead) if lead else None


async def load_meeting_of_lead(tx: Transaction, lead: Lead) -> Meeting | None:
    """Return the meeting ahead of a lead, if there is one."""
    found = await queries.list_meetings(tx, lead_id=lead.lead_id)
    return next((meeting for meeting in found if meeting.meeting_at > tx.now), None)


async def _load_newest_open_lead(tx: Transaction, contact_id: UUID) -> Lead | None:
    """Return the newest lead of the person that sales still has."""
    person = (await merges.load_people_of_contacts(tx, [contact_id])).get(contact_id)
    contacts = person.contact_ids if person else (contact_id,)
    found = await store.leads.load_leads_of_contacts(tx, contacts, *OPEN)
    return max(found.values(), key=lambda lead: (lead.placed_at is not None, lead.cycle), default=None)
