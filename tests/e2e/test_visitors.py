"""Who visits the company's own site, and who is here twice: stories through all services (issue 15, points 8 and 9)."""

from datetime import timedelta

import httpx
import pytest

from tests.e2e.world import NUMBERS, World

pytestmark = pytest.mark.e2e

SITE = "https://www.example.org"


async def fill_in(world: World, **filled: str) -> str:
    """Send a form of another site as a browser does; return the contact's id."""
    wanted = {"label": f"site-{next(NUMBERS)}", "kind": "form", "form": "contact", "origins": [SITE]}
    key = (await world.post("capture", "/v1/sender-keys", wanted))["key"]
    async with httpx.AsyncClient(base_url=world.stack.urls["capture"], headers={"Origin": SITE}) as browser:
        sent = await browser.post("/f/contact", data={"form_key": key, **filled}, headers={"Accept": "text/html"})
    assert sent.status_code == 303, sent.text
    return str((await world.get("capture", f"/v1/contacts?email={filled['email']}"))["contact_id"])


async def test_what_somebody_looked_at_before_the_form_is_in_the_lead_and_fades(world: World) -> None:
    """15.9: the browser remembered two pages; they are signs of their own days, and count less each week."""
    await world.a_working_morning()
    now, number = await world.now(), next(NUMBERS)
    at = [int((now - timedelta(days=days)).timestamp()) for days in (2, 1)]
    visits = f"9f86d081884c{number:04x}|{at[0]}.%2Fpricing|{at[1]}.%2Fblog%2Fleads"
    contact = await fill_in(
        world, email=f"visitor.{number}@visits-{number}.example", last_name="Long", message="Call me", visits=visits
    )
    lead = await world.reads("lead.qualified.v1", contact)
    seen = {(each["engagement"], each["content"]): each["occurred_at"] for each in lead.value["timeline"]}
    assert set(seen) == {("pricing_view", "/pricing"), ("page_view", "/blog/leads"), ("contact_sales", None)}
    assert seen["pricing_view", "/pricing"] < seen["page_view", "/blog/leads"] < seen["contact_sales", None]

    async def worth() -> float:
        found = await world.get("scoring", f"/v1/contacts/{contact}/score")
        lines = [line for line in found["readiness"]["evidence"] if line["criterion"].startswith("pricing")]
        return float(sum(line["points"] for line in lines))

    await world.settled()
    fresh = await worth()
    await world.time_passes("20d")
    assert 0 < await worth() < fresh
    await world.settled()
    await world.the_rep_says((await world.read("lead.assigned.v1", contact))[-1], "disqualify", reason="vendor")


async def test_one_person_with_two_addresses_is_listed_and_nobody_decides_but_a_person(world: World) -> None:
    """15.8: two addresses of one name at one company, with the reasons; kept apart once, never listed again."""
    number = next(NUMBERS)
    name = {"first_name": "Wilhelmina", "last_name": f"Oddname{number}x", "company": f"Twice {number}"}
    work = await world.somebody_submits("content_download", email=f"w.oddname@twice-{number}.example", **name)
    home = await world.somebody_submits("content_download", email=f"wilhelmina.oddname{number}@gmail.com", **name)
    assert work != home
    await world.settled()
    (pair,) = await world.listed("capture", f"/v1/duplicates?contact_id={work}")
    assert {person["contact_id"] for person in pair["people"]} == {work, home}
    assert pair["to_merge"]
    assert await world.read("contact.merged.v1", work) == await world.read("contact.merged.v1", home) == []
    await world.post("capture", f"/v1/contacts/{work}/keep-apart", {"other_id": home})
    assert await world.listed("capture", f"/v1/duplicates?contact_id={work}") == []
