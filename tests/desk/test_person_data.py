"""What is stored of a person, on the page: consent, who is whom, erasure; and who would get their lead now."""

import re
from typing import Any

import pytest

from events.runtime.testing import ServiceHarness
from tests.desk.conftest import BEN, LEA, MAX, MIA, OLA, TOM, Neighbours, signed_in
from tests.sla_monitor.lead_story import Story

ADA: dict[str, Any] = {
    "email": "ada.long@works.example", "first_name": "Ada", "last_name": "Long", "company": "Works Ltd",
    "country": "GB", "source": "web_form", "engagement": "demo_request",
    "consent": {"purpose": "marketing", "granted": True, "wording_version": "2026-01"},
}  # fmt: skip
TWIN = ADA | {"email": "ada.long@mail.example", "phone": "+442079460000", "consent": None}


async def sent(stack: dict[str, ServiceHarness], body: dict[str, Any]) -> str:
    answer = await stack["capture"].http.post("/v1/contacts", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["contact_id"])


async def stored(stack: dict[str, ServiceHarness], contact_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await stack["capture"].http.get(f"/v1/contacts/{contact_id}")).json()
    return found


async def test_marketing_withdraws_a_consent_for_somebody_who_called(stack: dict[str, ServiceHarness]) -> None:
    ada = await sent(stack, ADA)
    eva = await signed_in(stack["desk"], MAX)
    page = (await eva.get(f"/people/{ada}/data")).text
    assert "What is stored of Ada Long" in page
    assert "<strong>Marketing</strong>: granted" in page
    answer = await eva.post(f"/people/{ada}/data/withdraw", purpose="marketing", once="one")
    assert answer.headers["location"] == f"/people/{ada}/data"
    assert "withdrawn" in (await eva.get(f"/people/{ada}/data")).text
    (consent,) = (await stored(stack, ada))["current_consents"]
    assert (consent["granted"], consent["wording_version"]) == (False, "2026-01")
    again = await eva.post(f"/people/{ada}/data/withdraw", purpose="marketing")
    assert "no%20such%20consent" in again.headers["set-cookie"]


async def test_a_consent_of_one_channel_is_withdrawn_alone(stack: dict[str, ServiceHarness]) -> None:
    given = [ADA["consent"] | {"channel": channel} for channel in ("email", "phone")]
    ada = await sent(stack, ADA | {"consent": given})
    eva = await signed_in(stack["desk"], MAX)
    await eva.post(f"/people/{ada}/data/withdraw", purpose="marketing", channel="phone")
    current = (await stored(stack, ada))["current_consents"]
    assert {each["channel"]: each["granted"] for each in current} == {"email": True, "phone": False}
    logged = await stack["desk"].raw.fetch("select action, outcome from audit_log where by = 'max'")
    assert [tuple(row) for row in logged] == [("person.withdraw", "marketing phone")]


async def test_two_contacts_are_made_one_person_and_parted(stack: dict[str, ServiceHarness]) -> None:
    ada, twin = await sent(stack, ADA), await sent(stack, TWIN)
    eva = await signed_in(stack["desk"], MAX)
    page = (await eva.get(f"/people/{ada}/data")).text
    assert "ada.long@mail.example" in page
    assert f'name="other" value="{twin}"' in page
    await eva.post(f"/people/{ada}/data/merge", other=twin)
    assert [each["contact_id"] for each in (await stored(stack, ada))["merged"]] == [twin]
    assert "Also Ada Long, ada.long@mail.example" in (await eva.get(f"/people/{ada}/data")).text
    assert "part them" in (await eva.get(f"/people/{twin}/data")).text
    await eva.post(f"/people/{twin}/data/unmerge")
    assert (await stored(stack, ada))["merged"] == []
    assert "Nobody looks like them" in (await eva.get(f"/people/{ada}/data")).text  # who was parted stays apart
    assert "Choose%20whom" in (await eva.post(f"/people/{ada}/data/merge", other="x")).headers["set-cookie"]


async def test_possible_duplicates_are_kept_apart(stack: dict[str, ServiceHarness]) -> None:
    ada, twin = await sent(stack, ADA), await sent(stack, TWIN)
    eva = await signed_in(stack["desk"], MAX)
    await eva.post(f"/people/{ada}/data/keep-apart", other=twin)
    assert "Nobody looks like them" in (await eva.get(f"/people/{twin}/data")).text
    logged = await stack["desk"].raw.fetch("select by, action, subject, outcome from audit_log where by = 'max'")
    assert [tuple(row) for row in logged] == [("max", "person.keep-apart", ada, twin)]


async def test_an_operator_erases_and_sees_the_receipts_come_in(stack: dict[str, ServiceHarness]) -> None:
    ada = await sent(stack, ADA)
    ola = await signed_in(stack["desk"], OLA)
    assert "Erase now" in (await ola.get(f"/people/{ada}/data")).text
    await ola.post(f"/people/{ada}/data/erase")
    page = (await ola.get(f"/people/{ada}/data")).text
    assert re.search(r"<strong>capture</strong>: \d+ rows", page)
    assert "<strong>desk</strong> has not answered yet" in page
    assert not re.search(r"\bAda\b|ada\.long", page)


async def test_each_role_sees_and_decides_only_its_own(stack: dict[str, ServiceHarness]) -> None:
    ada = await sent(stack, ADA)
    for viewer in (MIA, LEA):
        browser = await signed_in(stack["desk"], viewer)
        assert (await browser.get(f"/people/{ada}/data")).status_code == 403
        assert (await browser.post(f"/people/{ada}/data/erase")).status_code == 403
        assert (await browser.post(f"/people/{ada}/data/withdraw", purpose="marketing")).status_code == 403
    eva = await signed_in(stack["desk"], MAX)
    assert "Erase now" not in (await eva.get(f"/people/{ada}/data")).text
    assert (await eva.post(f"/people/{ada}/data/erase")).status_code == 403
    assert (await eva.post(f"/people/{ada}/data/nothing")).status_code == 422
    assert (await stored(stack, ada))["email"] == ADA["email"]


async def test_nobody_is_shown_where_capture_is_away(stack: dict[str, ServiceHarness], neighbours: Neighbours) -> None:
    ada = await sent(stack, ADA)
    eva = await signed_in(stack["desk"], MAX)
    neighbours.harnesses.pop("capture.test")
    assert "Nothing can be read just now" in (await eva.get(f"/people/{ada}/data")).text
    answer = await eva.post(f"/people/{ada}/data/withdraw", purpose="marketing")
    assert "does%20not%20answer" in answer.headers["set-cookie"]


LEAD = Story(name="route", lead_type="hand_raiser")


@pytest.fixture
async def placed(stack: dict[str, ServiceHarness]) -> str:
    await stack["desk"].deliver(LEAD.qualified(), LEAD.assigned("ann"))
    return f"/people/{LEAD.contact_id}"


async def test_a_leader_asks_who_would_get_a_lead_now(stack: dict[str, ServiceHarness], placed: str) -> None:
    lea = await signed_in(stack["desk"], LEA)
    assert f'href="{placed}/route"' in (await lea.get(placed)).text
    page = (await lea.get(f"{placed}/route")).text
    assert "By the rule <strong>" in page
    assert "It is with ann (team inbound)." in page
    rows = await stack["routing"].raw.fetch("select count(*) as n from leads")
    assert rows[0]["n"] == 0


async def test_only_who_assigns_leads_asks_for_whom(
    stack: dict[str, ServiceHarness], placed: str, neighbours: Neighbours
) -> None:
    for viewer, status in ((MIA, 403), (MAX, 403), (BEN, 403), (TOM, 404)):
        assert (await (await signed_in(stack["desk"], viewer)).get(f"{placed}/route")).status_code == status, viewer
    neighbours.harnesses.pop("routing.test")
    answer = await (await signed_in(stack["desk"], LEA)).get(f"{placed}/route")
    assert answer.headers["location"] == placed
