"""What a contact says after somebody has their lead, across all six services."""

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.e2e

REFUSED = {"purpose": "sales", "granted": False, "wording_version": "2026-01"}


async def clocks(world: World, lead_id: str) -> set[str]:
    return {clock["state"] for clock in (await world.get("sla-monitor", f"/v1/clocks?lead_id={lead_id}"))["items"]}


async def test_who_withdraws_consent_is_left_alone_until_they_ask_again(world: World) -> None:
    """D14: the rep's lead is released, its clocks are cancelled, the cycle ends, and the record says why."""
    email = "withdraws@consents.example"
    contact = await world.somebody_submits("demo_request", email=email)
    assigned = await world.reads("lead.assigned.v1", contact)
    lead_id = assigned.value["lead_id"]
    await world.settled()
    assert "running" in await clocks(world, lead_id)
    await world.time_passes("1m")

    await world.post("capture", f"/v1/contacts/{contact}/consents", REFUSED)

    released = await world.reads("lead.released.v1", contact)
    assert (released.value["rep_id"], released.value["reason"]) == (assigned.value["rep_id"], "no_basis")
    ended = await world.reads("lead.recycled.v1", contact)
    assert (ended.value["reason"], ended.value["by"], ended.value["wake_at"]) == ("no_basis", "contact", None)
    await world.settled()
    assert not await clocks(world, lead_id) & {"running", "warned", "paused"}
    record = (await world.get("routing", f"/v1/leads/{lead_id}/decisions"))["items"][-1]
    assert (record["kind"], record["reason"]) == ("released", "no_basis")

    await world.time_passes("1h")
    assert await world.somebody_submits("contact_sales", email=email) == contact
    again = await world.reads("lead.assigned.v1", contact, lambda value: value["cycle"] == 2)
    assert again.value["lead_id"] != lead_id


async def test_who_is_suppressed_is_nobodys_lead_any_more(world: World) -> None:
    email = "suppressed@consents.example"
    contact = await world.somebody_submits("demo_request", email=email)
    await world.reads("lead.assigned.v1", contact)
    await world.time_passes("1m")
    await world.post("capture", "/v1/suppressions", {"email": email, "channels": ["all"], "reason": "asked"})
    assert (await world.reads("lead.released.v1", contact)).value["reason"] == "no_basis"
    assert (await world.reads("lead.recycled.v1", contact)).value["reason"] == "no_basis"


async def test_not_now_sends_an_untouched_lead_to_nurture_with_a_date(world: World) -> None:
    """R15: a self-selection overrides."""
    email = "not.now@consents.example"
    contact = await world.somebody_submits("demo_request", email=email)
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.time_passes("1m")
    wish = {"email": email, "source": "web_form", "engagement": "form_submitted", "preference": "not_now"}
    assert await world.somebody_submits(**wish) == contact
    ended = await world.reads("lead.recycled.v1", contact)
    assert (ended.value["reason"], ended.value["track"]) == ("not_ready", "education")
    assert ended.value["wake_at"]
    await world.settled()
    assert not await clocks(world, assigned.value["lead_id"]) & {"running", "warned", "paused"}


async def test_not_now_to_a_rep_who_called_already_leaves_the_lead_with_them(world: World) -> None:
    email = "called@consents.example"
    contact = await world.somebody_submits("demo_request", email=email)
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(assigned, "touches", kind="call", outcome="welcomed")
    await world.settled()
    await world.time_passes("1m")
    wish = {"email": email, "source": "web_form", "engagement": "form_submitted", "preference": "not_now"}
    await world.somebody_submits(**wish)
    await world.settled()
    assert not await world.read("lead.released.v1", contact)
    record = (await world.get("routing", f"/v1/leads/{assigned.value['lead_id']}/decisions"))["items"][-1]
    assert record["reason"] == "not_now_but_worked"
