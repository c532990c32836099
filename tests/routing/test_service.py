"""Routing on a real PostgreSQL: events in, assignments out."""

from events.leads import LeadAssigned
from events.runtime.testing import Room
from tests.routing.office import contact, qualified


async def test_a_qualified_lead_has_a_rep_at_once(room: Room) -> None:
    await room.deliver(qualified("ada"))
    (assigned,) = await room.emitted(LeadAssigned)
    assert assigned.contact_id == contact("ada")
    assert assigned.rep_id == "inbound-1"
