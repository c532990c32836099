"""Stories of people who are known already, through all six services in stepped time: facts, colleagues, a push."""

from typing import Any

import httpx
import pytest

from tests.e2e.world import NUMBERS, World

pytestmark = pytest.mark.e2e

BAKERY: dict[str, Any] = {"employees": 2, "industry": "Bakery", "country": "JP", "job_title": "Baker"}
SCAN: dict[str, Any] = {"source": "event_scan", "facts": {"has_project": "yes"}}


async def page_of(world: World, rep_id: str, contact: str) -> str:
    """Return what the desk shows a rep of somebody, signed in by an invitation."""
    who = {"user_id": f"reader-{rep_id}", "role": "rep", "rep_id": rep_id}
    link = (await world.post("desk", "/v1/invitations", who))["url"]
    async with httpx.AsyncClient(headers={"Accept": "text/html"}) as browser:
        assert (await browser.post(link)).status_code == 303
        shown = await browser.get(f"{world.stack.urls['desk']}/people/{contact}")
    assert shown.status_code == 200, shown.text
    return shown.text


async def test_a_late_scan_of_a_known_bakery_makes_no_lead(world: World) -> None:
    """Scanned before we knew that it is a bakery of two, uploaded two days after: marketing keeps it."""
    await world.a_working_morning()
    email = f"late.{next(NUMBERS)}@bakery.example"
    scanned_at = await world.now()
    await world.time_passes("1d")
    contact = await world.somebody_submits("content_download", email=email, **BAKERY)
    await world.time_passes("1d")
    again = await world.post(
        "capture",
        "/v1/contacts",
        {"email": email, "engagement": "event_scan", "occurred_at": scanned_at.isoformat(), **SCAN},
    )
    assert again["contact_id"] == contact
    await world.settled()

    assert not await world.read("lead.qualified.v1", contact)
    score = await world.get("scoring", f"/v1/contacts/{contact}/score")
    assert (score["fit"]["grade"], score["outcome"]) == ("D", "poor_fit")
    assert "no points make D a lead" in score["because"][0]["why"]
    assert not (await world.get("feedback", f"/v1/leads?contact_id={contact}"))["items"]


async def test_a_form_that_says_more_than_the_scan_regrades_the_lead_and_its_rep_reads_it(world: World) -> None:
    await world.a_working_morning()
    number = next(NUMBERS)
    email = f"scan.{number}@regraded-{number}.example"
    sparse = {"email": email, "engagement": "event_scan", "occurred_at": (await world.now()).isoformat(), **SCAN}
    contact = (await world.post("capture", "/v1/contacts", sparse))["contact_id"]
    lead = await world.reads("lead.qualified.v1", contact)
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.time_passes("10m")
    await world.somebody_submits("content_download", email=email)

    regraded = await world.reads("lead.regraded.v1", contact)
    assert (regraded.value["previous_fit"], regraded.value["fit"]) == (lead.value["fit"], "A")
    assert regraded.value["lead_id"] == lead.value["lead_id"]
    await world.settled()
    assert f"Fit was {lead.value['fit']} and is A" in await page_of(world, assigned.value["rep_id"], contact)


async def test_five_users_of_one_account_make_one_lead_and_its_rep_reads_who_they_are(world: World) -> None:
    """A trial makes no lead, the third user makes the account's, and the news of the CEO reaches whoever has it."""
    await world.a_working_morning()
    company = f"account-{next(NUMBERS)}.example"

    async def uses(name: str, title: str, engagement: str = "trial_started", source: str = "product") -> str:
        who = {"email": f"{name}@{company}", "first_name": name.title(), "job_title": title, "source": source}
        contact = await world.somebody_submits(engagement, **who)
        await world.settled()
        await world.time_passes("1h")
        return contact

    users = [await uses("ann", "Engineer"), await uses("ben", "Engineer")]
    assert not [each for user in users for each in await world.read("lead.qualified.v1", user)]
    users += [await uses("cem", "Engineer"), await uses("dan", "Engineer")]
    leads = [each for user in users for each in await world.read("lead.qualified.v1", user)]
    assert [lead.value["lead_type"] for lead in leads] == ["product"]
    whose = leads[0].key
    ceo = await uses("eva", "CEO", "pricing_view", "web_form")

    news = await world.reads("lead.strengthened.v1", whose, lambda value: value["joined"] == [ceo])
    assert news.value["account"]["main_contact_id"] == ceo
    assert {person["contact_id"] for person in news.value["account"]["people"]} == {*users, ceo}
    assert news.value["account"]["missing_roles"] == ["champion"]
    assert [each for user in (*users, ceo) for each in await world.read("lead.qualified.v1", user)] == leads
    await world.settled()
    decided = (await world.get("routing", f"/v1/leads/{leads[0].value['lead_id']}/decisions"))["items"]
    assert [each["kind"] for each in decided].count("kept") >= 1
    assigned = await world.reads("lead.assigned.v1", whose)
    page = await page_of(world, assigned.value["rep_id"], whose)
    assert "Speak with:" in page
    assert "CEO" in page
    colleague = next(user for user in users if user != whose)
    score = await world.get("scoring", f"/v1/contacts/{colleague}/score")
    assert score["account"]["points"] > score["readiness"]["points"]


async def test_a_push_by_hand_is_read_by_the_rep_with_who_and_why(world: World) -> None:
    await world.a_working_morning()
    contact = await world.somebody_submits("social")
    await world.settled()
    assert not await world.read("lead.qualified.v1", contact)
    body = {"kind": "push", "reason": "met the whole board at the fair", "by": "kim"}
    await world.post("scoring", f"/v1/contacts/{contact}/overrides", body)

    lead = await world.reads("lead.qualified.v1", contact)
    first = lead.value["because"][0]
    assert (first["kind"], first["rule"], first["by"], first["reason"]) == ("override", "push", "kim", body["reason"])
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.settled()
    page = await page_of(world, assigned.value["rep_id"], contact)
    assert "Pushed by hand by kim" in page
    assert body["reason"] in page
