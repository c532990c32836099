"""A promise that was missed and then turned out to be kept, as the leader reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.e2e.test_main_job import HUMAN
from tests.e2e.world import World


@asynccontextmanager
async def pages_of_a_leader(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Sign in a manager of the team inbound by a link, as `baton desk invite` makes it."""
    made = await world.post("desk", "/v1/invitations", {"user_id": "lea", "role": "manager", "team": "inbound"})
    async with httpx.AsyncClient(base_url=world.stack.urls["desk"], headers={"Accept": "text/html"}) as browser:
        signed_in = await browser.post(made["url"])
        assert signed_in.status_code == 303
        yield browser


async def test_the_leader_sees_a_miss_turn_to_met(world: World) -> None:
    """L5: the dialler's record of the call arrives after the deadline; the call was in time."""
    await world.a_working_morning()
    contact = await world.somebody_submits("contact_sales")
    assigned = await world.reads("lead.assigned.v1", contact)
    called_at = (await world.now()).isoformat()

    await world.time_passes("30m")

    await world.reads("clock.breached.v1", contact, lambda value: value["clock"] == "first_touch")
    await world.settled()
    async with pages_of_a_leader(world) as leader:
        missed, kept = (f"/promises/list?by=clock&group=first_touch&what={what}" for what in ("missed", "kept"))
        assert f"/people/{contact}" in (await leader.get(missed)).text

        await world.the_rep_says(assigned, "touches", **HUMAN, at=called_at)

        await world.reads("clock.rescinded.v1", contact, lambda value: value["clock"] == "first_touch")
        await world.settled()
        assert f"/people/{contact}" not in (await leader.get(missed)).text
        assert f"/people/{contact}" in (await leader.get(kept)).text
