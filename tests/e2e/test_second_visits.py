"""What visitors say after a rep has their lead: on the thank-you page, and when they come again (14.3)."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.e2e.test_odd_days import a_weekday
from tests.e2e.test_people import first_touch, pass_until
from tests.e2e.test_people_at_work import missed
from tests.e2e.test_visitors import SITE
from tests.e2e.world import NUMBERS, World

pytestmark = pytest.mark.e2e

MINUTE = timedelta(minutes=1)


def meets_at(at: datetime, placed: dict[str, Any]) -> bool:
    """Whether a lead was assigned with a meeting at an instant."""
    return placed["meeting_at"] is not None and datetime.fromisoformat(placed["meeting_at"]) == at


async def page_of_the_rep(world: World, rep_id: str, contact: str) -> str:
    """Return the page of a contact as a rep sees it who signed in by a link."""
    made = await world.post("desk", "/v1/invitations", {"user_id": rep_id, "role": "rep", "rep_id": rep_id})
    async with httpx.AsyncClient(base_url=world.stack.urls["desk"], headers={"Accept": "text/html"}) as browser:
        signed_in = await browser.post(made["url"])
        assert signed_in.status_code == 303
        page = await browser.get(f"/people/{contact}")
    assert page.status_code == 200, page.text
    return page.text


async def test_who_says_call_me_tomorrow_at_ten_on_the_thank_you_page_is_called_then(world: World) -> None:
    """The form makes the lead, a rep has it, and a minute later the visitor names a time: no clock runs before."""
    await world.a_working_morning()
    number = next(NUMBERS)
    wanted = {"label": f"site-{number}", "kind": "form", "form": "contact", "origins": [SITE]}
    key = (await world.post("capture", "/v1/sender-keys", wanted))["key"]
    email, ten = f"second.{number}@visits-{number}.example", await a_weekday(world, 10)
    headers = {"Origin": SITE, "Accept": "text/html"}
    async with httpx.AsyncClient(base_url=world.stack.urls["capture"], headers=headers) as browser:
        filled = {"form_key": key, "email": email, "last_name": "Long", "message": "Call me", "company": "Visits"}
        sent = await browser.post("/f/contact", data=filled)
        assert sent.status_code == 303, sent.text
        ticket = parse_qs(urlsplit(sent.headers["location"]).query)["t"][0]
        contact = str((await world.get("capture", f"/v1/contacts?email={email}"))["contact_id"])
        lead = await world.reads("lead.assigned.v1", contact)
        lead_id = lead.value["lead_id"]
        await world.settled()
        assert (await first_touch(world, lead_id))["state"] == "running"
        await world.time_passes("1m")
        wish = {"t": ticket, "preference": "call_me", "preferred_at": f"{ten:%Y-%m-%dT%H:%M}", "zone": "UTC"}
        answer = await browser.post("/f/contact/thanks", data=wish)
        assert answer.status_code == 303, answer.text

    scheduled = await world.reads("lead.scheduled.v1", contact)
    assert datetime.fromisoformat(scheduled.value["preferred_at"]) == ten
    await world.settled()
    clock = await first_touch(world, lead_id)
    assert (clock["state"], datetime.fromisoformat(clock["due_at"])) == ("paused", ten + 14 * MINUTE)
    assert "Asked to be called" in await page_of_the_rep(world, lead.value["rep_id"], contact)

    await pass_until(world, ten + 2 * MINUTE)
    assert await missed(world, contact) == set()
    assert len(await world.read("lead.assigned.v1", contact)) == 1, "it stays with whoever has it"
    await world.the_rep_says(lead, "touches", kind="call", outcome="welcomed")
    await world.settled()
    assert (await first_touch(world, lead_id))["state"] == "met"
    await world.the_rep_says(lead, "disqualify", reason="vendor")


async def test_who_comes_again_to_choose_a_slot_meets_somebody_then(world: World) -> None:
    """The second visit says to meet at one; then the visitor moves it to two, and that is the promise."""
    await world.a_working_morning()
    first = await a_weekday(world, 13)
    later = first + timedelta(hours=1)
    email = f"slot.{next(NUMBERS)}@visits.example"
    contact = await world.somebody_submits("demo_request", email=email)
    lead = await world.reads("lead.assigned.v1", contact)
    lead_id = lead.value["lead_id"]
    for at in (first, later):
        await world.time_passes("1m")
        wish = {"preference": "book", "preferred_at": at.isoformat()}
        assert await world.somebody_submits("contact_sales", email=email, **wish) == contact
        lead = await world.reads("lead.assigned.v1", contact, partial(meets_at, at))
        await world.settled()
        clock = await first_touch(world, lead_id)
        assert (clock["state"], datetime.fromisoformat(clock["due_at"])) == ("paused", at + 14 * MINUTE)
    assert "Asked to meet" in await page_of_the_rep(world, lead.value["rep_id"], contact)

    await pass_until(world, later + 2 * MINUTE)
    assert await missed(world, contact) == set()
    meeting = {"starts_at": later.isoformat(), "outcome": "held"}
    await world.the_rep_says(lead, "meetings", **meeting)
    await world.settled()
    assert (await first_touch(world, lead_id))["state"] == "met"
    await world.the_rep_says(lead, "disqualify", reason="vendor")
