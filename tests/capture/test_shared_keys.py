"""Keys that several people use, over the whole way: nobody is taken over, and no list lifts a withdrawal."""

from datetime import timedelta
from typing import Any

import pytest

from capture.app import service
from events.runtime.testing import START, ServiceHarness
from tests.capture.builders import RULES
from tests.capture.test_imports import taken
from tests.capture.test_scans import post as post_items
from tests.capture.test_scans import scan

PHONE = "+493012345678"
EMAIL = "un@vagn.example"


async def post(harness: ServiceHarness, status: int = 202, **body: Any) -> dict[str, Any]:
    answer = await harness.http.post("/v1/contacts", json=body)
    assert answer.status_code == status
    found: dict[str, Any] = answer.json()
    return found


async def contact(harness: ServiceHarness, contact_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await harness.http.get(f"/v1/contacts/{contact_id}")).json()
    return found


@pytest.mark.parametrize("mails", [("ada@x.example", "bob@x.example"), ("info@x.example", "info@x.example")])
async def test_an_event_of_somebody_at_the_same_phone_is_refused_and_may_be_sent_anew(
    harness: ServiceHarness, mails: tuple[str, str]
) -> None:
    ada: dict[str, Any] = {"event_id": "7", "email": mails[0], "phone": PHONE, "first_name": "Ada", "last_name": "Long"}
    bob: dict[str, Any] = {"event_id": "7", "email": mails[1], "phone": PHONE, "first_name": "Bob", "last_name": "King"}
    first = await post(harness, **ada)
    refused = await post(harness, 422, **bob)
    assert refused["errors"] == [{"field": "event_id", "code": "event_id_reused"}]
    assert await post(harness, **ada) == first | {"status": "duplicate"}
    assert (await post(harness, **bob | {"event_id": "8"}))["status"] == "accepted"
    assert await service.audit_now() == []


async def test_people_of_one_phone_keep_apart_whatever_they_send(harness: ServiceHarness) -> None:
    ada = await post(harness, email="ada@x.example", phone=PHONE, first_name="Ada", last_name="Long")
    bob = await post(harness, email="bob@x.example", phone=PHONE, first_name="Bob", last_name="King")
    no = {"purpose": "newsletter", "granted": False, "wording_version": "1"}
    nameless = await post(harness, phone=PHONE, consent=no)
    cem = await post(harness, phone=PHONE, first_name="Cem", last_name="Kaya")
    without_name = await post(harness, email="cem@x.example", phone=PHONE)
    by_name = await post(harness, email="cem.kaya@x.example", phone=PHONE, first_name="Cem", last_name="Kaya")
    again = await post(harness, phone=PHONE, first_name="Bob", last_name="King")
    ids = [each["contact_id"] for each in (ada, bob, nameless, cem, without_name)]
    assert len(set(ids)) == 5
    assert (by_name["contact_id"], again["contact_id"]) == (cem["contact_id"], bob["contact_id"])
    shown = [await contact(harness, contact_id) for contact_id in ids]
    assert [each["email"] for each in shown] == [
        "ada@x.example", "bob@x.example", None, "cem.kaya@x.example", "cem@x.example",
    ]  # fmt: skip
    assert [len(each["current_consents"]) for each in shown] == [0, 0, 1, 0, 0]
    assert await service.audit_now() == []


async def test_a_badge_that_two_people_wore_is_the_first_ones_and_no_badge_at_all_is_everybodys_own(
    harness: ServiceHarness,
) -> None:
    texts = [
        f"77|Ada|Long|{PHONE}",
        "77|Cem|Kaya|+493012345679",
        "77",
        "77|Cem|Kaya|+493012345679",
        "VISITOR",
        "VISITOR",
    ]
    items = await post_items(harness, [scan(badge=text) for text in texts])
    ada, cem, bare, cem_again, stranger, other = (item["contact_id"] for item in items)
    assert (bare, cem_again) == (ada, cem)
    assert len({ada, cem, stranger, other}) == 4
    shown = [await contact(harness, contact_id) for contact_id in (ada, cem)]
    assert [(each["first_name"], each["phone"]) for each in shown] == [("Ada", PHONE), ("Cem", "+493012345679")]
    assert await service.audit_now() == []


async def withdraw(harness: ServiceHarness) -> str:
    grant = {"purpose": "marketing_email", "granted": True, "wording_version": "2026-01", "at": "2026-02-01T08:00:00Z"}
    sent = await post(harness, email=EMAIL, consent=grant)
    path = f"/v1/contacts/{sent['contact_id']}/consents"
    answer = await harness.http.post(path, json=grant | {"granted": False, "at": START.isoformat()})
    assert answer.status_code == 200
    return str(sent["contact_id"])


async def holds(harness: ServiceHarness, contact_id: str) -> bool:
    (current,) = (await contact(harness, contact_id))["current_consents"]
    return bool(current["granted"])


ROW = f"{EMAIL},marketing_email,TRUE,2026-01"
HEADER = "email,consent.purpose,consent.granted,consent.wording_version"


@pytest.mark.parametrize("source", sorted(RULES.sources))
async def test_an_undated_row_lifts_no_withdrawal_whatever_its_source(harness: ServiceHarness, source: str) -> None:
    contact_id = await withdraw(harness)
    await harness.advance(timedelta(hours=1))
    await taken(harness, f"{HEADER}\n{ROW}\n", source=source)
    await taken(harness, f"{HEADER},first_name,Source\n{ROW},Bo,{source}\n")
    await taken(harness, f"{HEADER},Badge\n{ROW},7\n", event="expo", source=source)
    await taken(harness, f"{HEADER},first_name\n{ROW},Una\n", source=source, per_day=5)
    await harness.advance(timedelta(minutes=1))
    grant = {"purpose": "marketing_email", "granted": True, "wording_version": "2026-01"}
    attendee = {"event": "expo", "badge": "8", "email": EMAIL, "source": source, "consent": grant}
    await post_items(harness, [attendee], "/v1/attendees")
    assert len((await contact(harness, contact_id))["engagements"]) == 6
    assert not await holds(harness, contact_id)
    await taken(harness, f"{HEADER},consent.at\n{ROW},{(START + timedelta(minutes=1)).isoformat()}\n", source=source)
    assert await holds(harness, contact_id)
