"""Page views that a visitor's own browser remembered join the contact at the form."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from capture.domain.visits import read_visits
from capture.playbook import CapturePlaybook, VisitRules
from events.contacts import ContactCaptured
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import ADA, JSON, PAGE, SITE, form_key, stamped, stranger, submitted

PAGES = [{"path": "/pricing*", "engagement": "pricing_view"}, {"path": "*/jobs", "engagement": "careers_view"}]
RULES = VisitRules.model_validate({"most": 3, "pages": PAGES})
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BROWSER = "9f86d081884c7d65"


def remembered(*visits: tuple[float, str], now: datetime = NOW) -> str:
    """Return what a browser sends of pages that were looked at so many days ago."""
    parts = [f"{int((now - timedelta(days=ago)).timestamp())}.{path}" for ago, path in visits]
    return "|".join([BROWSER, *parts])


def test_the_latest_visits_are_read_and_named_by_their_pages() -> None:
    text = remembered((40, "%2Fold"), (3, "%2Fa"), (2, "%2FPricing%2Fteams"), (1, "%2Fde%2Fjobs"), (0, "%2Fb%3Fx%3D1"))
    found = read_visits(text, RULES, NOW)
    assert [(visit.path, visit.engagement) for visit in found] == [
        ("/Pricing/teams", "pricing_view"), ("/de/jobs", "careers_view"), ("/b", "page_view"),
    ]  # fmt: skip
    assert found[0].at == NOW - timedelta(days=2)
    assert len({visit.event_id for visit in found}) == 3
    assert read_visits(text, RULES, NOW) == found


@pytest.mark.parametrize(
    "text",
    [
        "", "|", "x|1772442000.%2Fa", BROWSER, f"{BROWSER}|", f"{BROWSER}|1772442000", f"{BROWSER}|1772442000.a",
        f"{BROWSER}|99999999999999.%2Fa", f"{BROWSER}|-1.%2Fa", f"{BROWSER}|1772442000.%2F%00",
        f"{BROWSER}|1772442000.%2F{'a' * 300}", f"{BROWSER}|1772442000./a b", f"{BROWSER}|٣٣٣٣٣٣٣٣٣.%2Fa",
        remembered((-1, "%2Fahead")), remembered((31, "%2Fold")), BROWSER.upper() + "|1772442000.%2Fa",
    ],
)  # fmt: skip
def test_what_is_no_visit_is_left_out(text: str) -> None:
    assert read_visits(text, RULES, NOW) == []


def test_a_playbook_names_only_engagements_that_there_are() -> None:
    with pytest.raises(ValidationError, match="visits: engagements lack juggling"):
        CapturePlaybook.model_validate(
            {
                "repeat_minutes": 1, "skew_minutes": 1, "sources": {"web_form": {"engagement": "form_submitted"}},
                "default_source": "web_form", "engagements": ["form_submitted", "page_view"],
                "email": {"free": [], "role": []}, "withheld_facts": {"keys": [], "longer_than": 80},
                "visits": {"pages": [{"path": "/a", "engagement": "juggling"}]},
            }
        )  # fmt: skip


@pytest.fixture
async def browser(harness: ServiceHarness) -> AsyncIterator[httpx.AsyncClient]:
    async with await stranger(harness) as http:
        yield http


async def engagements(harness: ServiceHarness) -> list[tuple[str, str | None]]:
    return [(event.engagement, event.content) for event in await harness.emitted(ContactCaptured)]


async def test_visits_join_the_contact_at_the_form_and_are_taken_once(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    now = await harness.now
    visits = remembered((2, "%2Fpricing"), (1, "%2Fblog%2Fleads"), (-9, "%2Fahead"), now=now)
    sent: dict[str, Any] = ADA | stamped() | {"visits": visits}
    assert (await submitted(browser, sent)).status_code == 202
    assert await engagements(harness) == [
        ("pricing_view", "/pricing"), ("page_view", "/blog/leads"), ("contact_sales", None),
    ], "whoever makes a lead of the form knows the pages"  # fmt: skip
    *views, form = await harness.emitted(ContactCaptured)
    assert {event.contact_id for event in views} == {form.contact_id}
    assert [(now - event.occurred_at).days for event in views] == [2, 1]
    assert form.facts == {}
    again = ADA | stamped(nonce="cd") | {"message": "Me again", "visits": visits}
    assert (await submitted(browser, again)).status_code == 202
    assert len(await engagements(harness)) == 4
    assert await harness.service.audit_now() == []


async def test_a_cookie_of_the_same_domain_brings_them_without_a_script(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    cookie = {"Cookie": f"baton_visits={remembered((1, '%2Fpricing'), now=await harness.now)}"}
    answer = await browser.post("/f/contact", data=ADA | stamped(), headers=PAGE | cookie)
    assert answer.status_code == 303
    assert await engagements(harness) == [("pricing_view", "/pricing"), ("contact_sales", None)]


async def test_visits_are_of_whoever_shares_a_phone_and_sends_the_form(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    key = await form_key(harness)
    for first_name in ("Anna", "Andreas"):
        who = {"phone": "+493012345678", "first_name": first_name, "last_name": "Berg", "message": "Call me"}
        visits = remembered((1, f"%2Fpricing%2F{first_name}"), now=await harness.now)
        sent = who | {"form_key": key, "visits": visits}
        assert (await browser.post("/f/contact", data=sent, headers=JSON | {"Origin": SITE})).status_code == 202
    events = await harness.emitted(ContactCaptured)
    assert [event.engagement for event in events] == ["pricing_view", "contact_sales"] * 2
    assert events[0].contact_id == events[1].contact_id != events[2].contact_id == events[3].contact_id


async def test_what_a_program_seems_to_have_sent_brings_no_visits(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    visits = remembered((1, "%2Fpricing"), now=await harness.now)
    answer = await submitted(browser, ADA | stamped() | {"website": "http://spam", "visits": visits})
    assert answer.status_code == 202
    assert await engagements(harness) == []
    assert (await submitted(browser, ADA | stamped(nonce="x") | {"visits": "9" * 9_000})).status_code == 202
    assert await engagements(harness) == [("contact_sales", None)]


async def test_the_script_may_be_loaded_by_other_sites(browser: httpx.AsyncClient) -> None:
    script = await browser.get("/static/visits.js")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "baton_visits" in script.text
