"""Two contacts that turn out to be one person, across all six services: one lead, one rep, and back again."""

import pytest

from tests.e2e.world import NUMBERS, Record, World

pytestmark = pytest.mark.e2e


async def two_contacts(world: World, first: str, second: str) -> tuple[str, str, dict[str, str]]:
    """Somebody is known by phone alone and, as if another person, by e-mail; gives both and what joins them."""
    number = next(NUMBERS)
    names = {"phone": f"+49301234{number:04}", "email": f"one.person@joined-{number}.example"}
    by_phone = await world.somebody_submits(first, email=None, phone=names["phone"])
    by_email = await world.somebody_submits(second, email=names["email"])
    assert by_phone != by_email
    return by_phone, by_email, names


async def leads(world: World, contact: str) -> list[Record]:
    return await world.read("lead.qualified.v1", contact)


async def open_clocks(world: World, assigned: Record) -> list[str]:
    clocks = await world.get("sla-monitor", f"/v1/clocks?lead_id={assigned.value['lead_id']}")
    return [clock["clock"] for clock in clocks["items"] if clock["state"] in {"running", "warned", "paused"}]


async def test_of_two_open_leads_of_one_person_the_losers_ends_as_duplicate(world: World) -> None:
    loser, survivor, names = await two_contacts(world, "demo_request", "contact_sales")
    theirs = await world.reads("lead.assigned.v1", loser)
    kept = await world.reads("lead.assigned.v1", survivor)

    assert await world.somebody_submits("content_download", **names) == survivor

    merged = await world.reads("contact.merged.v1", loser)
    assert (merged.value["loser_id"], merged.value["survivor_id"]) == (loser, survivor)
    await world.reads("contact.merged.v1", survivor)
    ended = await world.reads("lead.recycled.v1", loser)
    assert (ended.value["reason"], ended.value["lead_id"]) == ("duplicate", theirs.value["lead_id"])
    await world.reads("lead.released.v1", loser)
    await world.settled()
    lead = await world.get("feedback", f"/v1/leads/{kept.value['lead_id']}")
    assert lead["state"] == "mql"
    assert await open_clocks(world, theirs) == []
    assert await open_clocks(world, kept)
    assert len(await leads(world, survivor)) == 1
    assert not await world.read("lead.recycled.v1", survivor)


async def test_a_lead_that_only_the_loser_has_stays_with_its_rep(world: World) -> None:
    loser, survivor, names = await two_contacts(world, "demo_request", "content_download")
    theirs = await world.reads("lead.assigned.v1", loser)

    await world.somebody_submits("social", **names)
    await world.reads("contact.merged.v1", survivor)
    await world.settled()
    await world.somebody_submits("contact_sales", email=names["email"])
    await world.settled()

    assert not await world.read("lead.recycled.v1", loser)
    assert not await leads(world, survivor)
    lead = await world.get("feedback", f"/v1/leads/{theirs.value['lead_id']}")
    assert lead["state"] == "mql"


async def test_the_next_cycle_of_one_person_is_the_survivors_and_counts_on(world: World) -> None:
    loser, survivor, names = await two_contacts(world, "demo_request", "content_download")
    theirs = await world.reads("lead.assigned.v1", loser)
    await world.somebody_submits("social", **names)
    await world.reads("contact.merged.v1", survivor)
    await world.the_rep_says(theirs, "recycle", reason="not_ready")
    await world.reads("lead.released.v1", loser)
    await world.time_passes("2d")

    await world.somebody_submits("demo_request", email=names["email"])

    again = await world.reads("lead.assigned.v1", survivor)
    assert again.value["cycle"] == 2


async def test_unmerging_makes_two_people_again_and_wakes_the_duplicate(world: World) -> None:
    loser, _, names = await two_contacts(world, "demo_request", "contact_sales")
    await world.reads("lead.assigned.v1", loser)
    await world.somebody_submits("content_download", **names)
    await world.reads("lead.recycled.v1", loser)
    await world.settled()

    await world.post("capture", f"/v1/contacts/{loser}/unmerge", {})

    await world.reads("contact.unmerged.v1", loser)
    woken = await world.reads("lead.woken.v1", loser)
    assert woken.value["reason"] == "unmerged"
    await world.settled()
    assert (await world.get("capture", f"/v1/contacts/{loser}"))["contact_id"] == loser


async def test_erasing_one_contact_of_a_person_erases_them_all(world: World) -> None:
    loser, survivor, names = await two_contacts(world, "demo_request", "content_download")
    await world.somebody_submits("social", **names)
    await world.reads("contact.merged.v1", survivor)

    answer = await world.http.delete(f"{world.stack.urls['capture']}/v1/contacts/{survivor}")

    assert answer.status_code == 202
    await world.reads("contact.erased.v1", survivor)
    await world.reads("contact.erased.v1", loser)
    await world.settled()
    for contact in (loser, survivor):
        gone = await world.http.get(f"{world.stack.urls['scoring']}/v1/contacts/{contact}/score")
        assert gone.status_code == 404
