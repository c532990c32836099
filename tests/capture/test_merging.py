"""Merging, parting and forgetting people, from HTTP to rows and events, on a real PostgreSQL."""

from typing import Any

from capture.app import service
from events import topics
from events.contacts import (
    ConsentChanged,
    ContactCaptured,
    ContactErased,
    ContactMerged,
    ContactProfile,
    ContactUnmerged,
    ErasureReceipt,
)
from events.runtime.testing import ServiceHarness

PHONE = "+442079460958"


async def post(harness: ServiceHarness, **values: Any) -> str:
    response = await harness.http.post("/v1/contacts", json=values)
    assert response.status_code == 202, response.text
    found: str = response.json()["contact_id"]
    return found


async def two(harness: ServiceHarness) -> tuple[str, str]:
    """Ada by her mail, and somebody by the phone that is hers."""
    return await post(harness, email="ada@x.example", region="Kent"), await post(
        harness, phone=PHONE, company="Engines"
    )


async def shown(harness: ServiceHarness, contact_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await harness.http.get(f"/v1/contacts/{contact_id}")).json()
    return found


async def tombstones(harness: ServiceHarness) -> list[str]:
    rows = await harness.raw.fetch(
        "select key from journal where topic = $1 and value is null order by id", topics.CONTACTS_PROFILES.name
    )
    return [row["key"] for row in rows]


async def test_a_mail_and_a_phone_sent_together_are_one_person_from_then_on(harness: ServiceHarness) -> None:
    ada, phone = await two(harness)
    assert ada != phone
    assert await post(harness, email="ada@x.example", phone=PHONE, engagement="pricing_view") == ada
    assert await post(harness, phone=PHONE, engagement="demo_request") == ada
    events = await harness.emitted(ContactMerged)
    assert {str(event.contact_id) for event in events} == {ada, phone}
    assert {(str(event.survivor_id), str(event.loser_id)) for event in events} == {(ada, phone)}
    assert len({event.ce_id for event in events}) == 2
    assert await tombstones(harness) == [phone]
    profile = (await harness.emitted(ContactProfile))[-1]
    assert (str(profile.contact_id), profile.engagements, profile.company, profile.region) == (
        ada,
        4,
        "Engines",
        "Kent",
    )
    assert {str(event.contact_id) for event in await harness.emitted(ContactCaptured)} == {ada, phone}
    assert await service.audit_now() == []


async def test_a_merge_by_word_and_its_undoing(harness: ServiceHarness) -> None:
    """Both profiles are what they were; what came in between stays with whom it was told to."""
    ada, phone = await two(harness)
    before = {each: await shown(harness, each) for each in (ada, phone)}
    merged = await harness.http.post(f"/v1/contacts/{phone}/merge", json={"into": ada})
    assert (merged.status_code, merged.json()["survivor_id"], merged.json()["loser_id"]) == (200, ada, phone)
    assert (await shown(harness, phone))["contact_id"] == ada
    await post(harness, phone=PHONE, engagement="pricing_view")
    parted = await harness.http.post(f"/v1/contacts/{phone}/unmerge")
    assert parted.json() == merged.json()
    events = await harness.emitted(ContactUnmerged)
    assert {str(event.contact_id) for event in events} == {ada, phone}
    after = {each: await shown(harness, each) for each in (ada, phone)}
    assert after[phone]["engagements"] == before[phone]["engagements"]
    assert len(after[ada]["engagements"]) == 2
    for name in ("email", "company", "region", "engagement_count"):
        assert after[phone][name] == before[phone][name]
    assert (after[ada]["region"], after[ada]["company"]) == ("Kent", None)
    last = {str(profile.contact_id): profile for profile in await harness.emitted(ContactProfile)}
    assert (last[phone].phone, last[phone].revision) == (PHONE, 2)
    assert await post(harness, phone=PHONE, engagement="demo_request") == phone
    assert await service.audit_now() == []


async def test_who_was_parted_stays_apart_until_somebody_says_otherwise(harness: ServiceHarness) -> None:
    ada, phone = await two(harness)
    await post(harness, email="ada@x.example", phone=PHONE, engagement="pricing_view")
    await harness.http.post(f"/v1/contacts/{phone}/unmerge")
    await post(harness, email="ada@x.example", phone=PHONE, engagement="demo_request")
    assert (await shown(harness, phone))["contact_id"] == phone
    from_body = await harness.http.post(f"/v1/contacts/{phone}/merge", json={"into": ada})
    assert from_body.status_code == 200
    assert len({event.merge_id for event in await harness.emitted(ContactMerged)}) == 2
    assert (await shown(harness, phone))["contact_id"] == ada


async def test_two_addresses_may_be_one_person_by_word(harness: ServiceHarness) -> None:
    """Either address finds the same person; the document says who else they were."""
    ada, other = await post(harness, email="ada@x.example"), await post(harness, email="ada@home.example")
    await harness.http.post(f"/v1/contacts/{other}/merge", json={"into": ada})
    found = (await harness.http.get("/v1/contacts", params={"email": "ada@home.example"})).json()
    assert (found["contact_id"], found["email"]) == (ada, "ada@x.example")
    assert [(row["contact_id"], row["email"]) for row in found["merged"]] == [(other, "ada@home.example")]


async def test_a_merge_that_cannot_be_is_refused_and_leaves_nothing(harness: ServiceHarness) -> None:
    ada, phone = await two(harness)
    nobody = "00000000-0000-4000-8000-000000000000"
    for path, body, status, code in (
        (f"{ada}/merge", {"into": ada}, 409, "already_merged"),
        (f"{ada}/merge", {"into": nobody}, 404, "contact_unknown"),
        (f"{nobody}/merge", {"into": ada}, 404, "contact_unknown"),
        (f"{phone}/unmerge", None, 409, "not_merged"),
        (f"{nobody}/unmerge", None, 404, "contact_unknown"),
    ):
        response = await harness.http.post(f"/v1/contacts/{path}", json=body)
        assert (response.status_code, response.json()["errors"][0]["code"]) == (status, code)
    assert await harness.emitted(ContactMerged) == []
    assert await harness.raw.fetch("select from merges") == []


async def test_consent_given_to_one_contact_is_the_persons(harness: ServiceHarness) -> None:
    ada, phone = await two(harness)
    answer = {"purpose": "calls", "granted": True, "wording_version": "1"}
    await harness.http.post(f"/v1/contacts/{phone}/consents", json=answer)
    await harness.http.post(f"/v1/contacts/{phone}/merge", json={"into": ada})
    assert (await harness.emitted(ContactProfile))[-1].consents[0].granted
    await harness.http.post(f"/v1/contacts/{phone}/consents", json=answer | {"granted": False})
    last = (await harness.emitted(ContactProfile))[-1]
    assert (str(last.contact_id), last.consents[0].granted) == (ada, False)
    assert len((await shown(harness, ada))["consents"]) == 2
    granted, refused = await harness.emitted(ConsentChanged)
    assert [str(each.contact_id) for each in (granted, refused)] == [phone, ada]
    assert [each.consents[0].granted for each in (granted, refused)] == [True, False]
    await harness.http.post(f"/v1/contacts/{phone}/unmerge")
    assert {str(each.contact_id): each.consents[0].granted for each in (await harness.emitted(ConsentChanged))[2:]} == {
        ada: False,
        phone: True,
    }


async def test_all_contacts_of_a_person_are_forgotten_each_with_its_receipt(harness: ServiceHarness) -> None:
    """Asked for under either id; whoever comes back is somebody new."""
    ada, phone = await two(harness)
    await harness.http.post(f"/v1/contacts/{phone}/merge", json={"into": ada})
    erased = await harness.http.delete(f"/v1/contacts/{phone}")
    assert erased.status_code == 202
    assert {str(event.contact_id) for event in await harness.emitted(ContactErased)} == {ada, phone}
    assert {str(event.contact_id) for event in await harness.emitted(ErasureReceipt)} == {ada, phone}
    assert {*await tombstones(harness)} == {ada, phone}
    for table in ("profiles", "engagements", "consents", "merges"):
        assert await harness.raw.fetch(f"select from {table}") == []
    for gone in (ada, phone):
        assert (await harness.http.get(f"/v1/contacts/{gone}")).status_code == 404
        assert (await harness.http.delete(f"/v1/contacts/{gone}")).status_code == 202
    assert await post(harness, phone=PHONE) not in {ada, phone}
    assert await service.audit_now() == []
