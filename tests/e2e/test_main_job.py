"""From a form post to an assigned lead, a watched promise, a win or a return: six services on real parts."""

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.e2e

HUMAN = {"kind": "call", "outcome": "welcomed", "automated": False, "seconds": 300}
YES = {"budget": True, "authority": True, "need": True, "timing": True}


async def test_somebody_who_asks_for_a_demo_is_handed_to_a_rep_and_won(world: World) -> None:
    """Q8, R14, D11, D12, D13: hand-raise, assignment, accept, touch, confirmation, opportunity, win."""
    contact = await world.somebody_submits("demo_request")

    qualified = await world.reads("lead.qualified.v1", contact)
    assigned = await world.reads("lead.assigned.v1", contact)
    assert qualified.value["lead_type"] == "hand_raiser"
    assert qualified.value["confirmed"] is False
    assert assigned.value["lead_id"] == qualified.value["lead_id"]
    assert assigned.value["team"] == "inbound"

    await world.the_rep_says(assigned, "accept")
    await world.the_rep_says(assigned, "touches", **HUMAN)
    await world.the_rep_says(assigned, "confirm", bant=YES)
    await world.the_rep_says(assigned, "opportunity", amount=12_000, currency="EUR", external_id="crm-1")
    await world.the_rep_says(assigned, "won", amount=12_000)

    won = await world.reads("lead.won.v1", contact)
    assert won.value["by"] == assigned.value["rep_id"]
    await world.settled()
    lead = await world.get("feedback", f"/v1/leads/{won.value['lead_id']}")
    assert lead["state"] == "won"
    met = {record.value["clock"] for record in await world.read("clock.met.v1", contact)}
    assert {"acceptance", "first_touch", "speed_to_lead"} <= met
    assert not await world.read("clock.breached.v1", contact)


async def test_a_promise_that_is_missed_is_published_once_and_escalated(world: World) -> None:
    """L1, L9, L11: nobody accepts and nobody calls; another rep gets the lead, the manager hears of it."""
    await world.a_working_morning()
    contact = await world.somebody_submits("contact_sales")
    first = await world.reads("lead.assigned.v1", contact)

    await world.time_passes("1h")

    breached = await world.read("clock.breached.v1", contact)
    clocks = sorted({record.value["clock"] for record in breached})
    assert clocks[0] == "acceptance"
    assert "first_touch" in clocks
    assert len({record.value["clock_id"] for record in breached}) == len(breached)
    actions = {record.value["action"] for record in await world.read("clock.escalated.v1", contact)}
    assert {"reassign", "manager"} <= actions
    second = await world.reads("lead.assigned.v1", contact, lambda value: value["previous_rep_id"])
    assert second.value["rep_id"] != first.value["rep_id"]
    assert second.value["handed_over_at"] == first.value["handed_over_at"]


async def test_who_was_not_ready_comes_back_when_the_time_has_come(world: World) -> None:
    """F8, F9, F7: returned with a reason, put on a track, nurtured from the date on, qualified again by a sign."""
    email = "later@ready.example"
    contact = await world.somebody_submits("demo_request", email=email)
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(assigned, "accept")
    await world.the_rep_says(assigned, "touches", **HUMAN)

    await world.the_rep_says(assigned, "recycle", reason="not_ready")

    recycled = await world.reads("lead.recycled.v1", contact)
    assert (recycled.value["reason"], recycled.value["track"]) == ("not_ready", "education")
    await world.reads("lead.released.v1", contact)

    await world.time_passes("91d")

    woken = await world.reads("lead.woken.v1", contact)
    assert (woken.value["starts_at"], woken.value["track"]) == ("marketing", "education")
    await world.settled()
    assert len(await world.read("lead.qualified.v1", contact)) == 1

    assert await world.somebody_submits("contact_sales", email=email) == contact
    again = await world.reads("lead.qualified.v1", contact, lambda value: value["cycle"] == 2)
    assert again.value["lead_id"] != assigned.value["lead_id"]
    await world.reads("lead.assigned.v1", contact, lambda value: value["cycle"] == 2)


async def test_a_hand_raise_wakes_whoever_was_returned(world: World) -> None:
    """F7: at once, whatever the wake-up date."""
    email = "back@again.example"
    contact = await world.somebody_submits("demo_request", email=email)
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(assigned, "recycle", reason="no_budget")
    await world.reads("lead.released.v1", contact)
    await world.time_passes("2d")

    assert await world.somebody_submits("contact_sales", email=email) == contact

    woken = await world.reads("lead.woken.v1", contact)
    assert woken.value["early"]
    await world.reads("lead.assigned.v1", contact, lambda value: value["cycle"] == 2)


async def test_readers_who_are_not_ready_are_not_passed_on(world: World) -> None:
    """Q7, R1: one download is no lead; interest that grows is one, once."""
    email = "reader@library.example"
    contact = await world.somebody_submits("content_download", email=email)
    await world.settled()
    assert not await world.read("lead.qualified.v1", contact)

    for engagement in ("webinar_attended", "pricing_view", "pricing_view", "colleagues_invited"):
        await world.somebody_submits(engagement, email=email)
    await world.reads("lead.assigned.v1", contact)
    await world.settled()

    assert len(await world.read("lead.qualified.v1", contact)) == 1
