"""Touches that other systems tell: read by the playbook's mapping, and found by who they were about."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from events.contacts import ContactProfile
from events.envelope import Envelope
from events.leads import LeadTouched
from events.runtime.apply import TopicBatch, apply_batch
from events.runtime.inbox import ReceivedRecord, Record, decode_record
from events.runtime.testing import START, ServiceHarness
from events.topics import CONTACTS_PROFILES, LEADS_QUALIFIED, Topic
from feedback.domain.activities import Activity, PersonHasher, UnreadableActivity, read_activity
from tests.feedback.domain_harness import RULES
from tests.feedback.lead_story import LeadStory
from tests.feedback.test_service import given_a_lead, lead, show

SECRET = PersonHasher(b"a secret for tests alone")

HUBSPOT: dict[str, Any] = {
    "id": "9001",
    "properties": {
        "hs_timestamp": "2026-03-02T08:30:00.000Z",
        "hs_call_duration": "312000",
        "hs_outcome": "Connected",
        "hs_object_type": "CALLS",
        "hs_call_to_number": "+49 30 1234567",
        "hubspot_owner_id": "ann",
    },
    "associations": {"contacts": {"results": [{"id": "551", "type": "call_to_contact"}]}},
}
SALESFORCE: dict[str, Any] = {
    "Id": "00T1",
    "TaskSubtype": "Email",
    "CompletedDateTime": "2026-03-02T08:40:00.000+0000",
    "OwnerId": "bob",
    "WhoId": "003A",
    "Who": {"Email": " Ada@Customer.example"},
}
DIALLER: dict[str, Any] = {
    "id": 77, "started_at": 1772440200, "duration": 1, "raw_digits": "+49301234567", "result": "missed",
    "user": {"id": 4},
}  # fmt: skip


def reads(source: str, record: dict[str, Any]) -> Activity:
    return read_activity(record, source, RULES.activities[source], SECRET)


def profile(story: LeadStory = lead, revision: int = 1, **given: Any) -> ContactProfile:
    return ContactProfile(contact_id=story.contact_id, occurred_at=START, revision=revision, **given)


async def post(harness: ServiceHarness, source: str, *records: Any, status: int = 200) -> dict[str, Any]:
    answer = await harness.http.post("/v1/activities", json={"source": source, "records": list(records)})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_each_system_is_read_by_its_mapping() -> None:
    """HubSpot, Salesforce and a dialler, as they export."""
    call, mail, missed = reads("hubspot", HUBSPOT), reads("salesforce", SALESFORCE), reads("dialler", DIALLER)
    assert (call.touch.kind, call.touch.outcome, call.touch.seconds, call.touch.by) == ("call", "welcomed", 312, "ann")
    assert call.touch.at == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert (mail.touch.kind, mail.touch.outcome, mail.touch.seconds) == ("email", "no_answer", None)
    assert mail.keys == (SECRET.hash_crm_id("salesforce", "003A"), SECRET.hash_email("ada@customer.example"))
    assert (missed.touch.outcome, missed.touch.seconds, missed.touch.by) == ("no_answer", 1, "4")
    assert missed.external_id == "77"
    assert missed.touch.at == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert missed.keys == (SECRET.hash_phone("+49301234567"),)
    assert reads("dialler", DIALLER | {"started_at": 1772440200000}).touch.at == missed.touch.at
    assert "Customer" not in repr(mail)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id": None}, "id"),
        ({"user": None}, "by"),
        ({"user": {"id": "Ann Miller"}}, "by"),
        ({"started_at": "yesterday"}, "occurred_at"),
        ({"started_at": "2026-03-02T08:30:00"}, "at"),
        ({"type": "fax"}, "kind"),
    ],
)
def test_a_record_that_cannot_be_read_names_the_field(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(UnreadableActivity) as error:
        reads("dialler", DIALLER | changed)
    assert error.value.field == field


def test_odd_numbers_are_left_out() -> None:
    odd = reads("dialler", DIALLER | {"duration": "long", "raw_digits": "anonymous", "id": True and "x"})
    assert (odd.touch.seconds, odd.keys) == (None, ())
    listed = HUBSPOT | {"associations": {"contacts": {"results": []}}}
    assert len(reads("hubspot", listed).keys) == 1
    assert reads("hubspot", HUBSPOT | {"associations": {"contacts": []}}).keys == reads("hubspot", listed).keys


async def test_a_touch_finds_the_open_lead_of_whom_it_was_about(harness: ServiceHarness) -> None:
    """By phone, by e-mail, and by the CRM's id once an activity taught it; told twice, it counts once."""
    await given_a_lead(harness)
    await harness.deliver(profile(email="ada@customer.example", phone="+49301234567"))
    found = await post(harness, "hubspot", HUBSPOT)
    assert (found["done"], found["items"][0]["lead_id"]) == (1, str(lead.lead_id))
    assert (await post(harness, "hubspot", HUBSPOT))["replayed"] == 1
    by_id_alone = {**HUBSPOT, "id": "9002", "properties": {**HUBSPOT["properties"], "hs_call_to_number": None}}
    assert (await post(harness, "hubspot", by_id_alone))["done"] == 1
    assert (await post(harness, "salesforce", SALESFORCE))["done"] == 1
    first, *_ = await harness.emitted(LeadTouched)
    assert (first.by, first.kind, first.seconds) == ("ann", "call", 312)
    assert first.occurred_at == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert (await show(harness))["touches"] == 3


async def test_what_cannot_be_resolved_is_listed_and_tried_again(harness: ServiceHarness) -> None:
    """Nothing that names a person is kept of it."""
    found = await post(harness, "dialler", DIALLER, {"id": "x"}, DIALLER | {"id": 78, "raw_digits": None})
    assert [item["status"] for item in found["items"]] == ["unresolved", "refused", "unresolved"]
    assert found["items"][1]["problem"]["errors"][0]["field"] == "records.1.occurred_at"
    listed = (await harness.http.get("/v1/activities?limit=1")).json()
    assert listed["items"][0]["problem"] == "nobody_known"
    rest = (await harness.http.get("/v1/activities", params={"cursor": listed["next"]})).json()["items"]
    assert [item["problem"] for item in rest] == ["nobody_named"]
    rows = await harness.raw.fetch("select row_to_json(a)::text as kept from activities a")
    assert not any("1234567" in row["kept"] for row in rows)
    await given_a_lead(harness)
    await harness.deliver(profile(phone="+49301234567"))
    again = (await harness.http.post("/v1/activities/retry")).json()
    assert (again["done"], again["unresolved"]) == (1, 1)
    assert (await harness.http.post("/v1/activities/retry")).json()["done"] == 0
    await post(harness, "fax", DIALLER, status=404)


async def test_a_profile_that_changed_is_known_by_its_new_address_alone(harness: ServiceHarness) -> None:
    """And an erased one by none."""
    await given_a_lead(harness)
    await harness.deliver(profile(email="old@customer.example"), profile(revision=2, email="ada@customer.example"))
    await harness.deliver(profile(revision=3, email="new@customer.example"))
    assert (await post(harness, "salesforce", SALESFORCE | {"WhoId": None}))["unresolved"] == 1
    await harness.deliver(profile(revision=4, email="ada@customer.example"))
    assert (await post(harness, "salesforce", SALESFORCE))["done"] == 1
    await harness.deliver(lead.erased(START), profile(revision=5, email="ada@customer.example"))
    assert await harness.raw.fetch("select from identities") == []


async def test_the_open_lead_of_the_same_person_is_found_through_either_contact(harness: ServiceHarness) -> None:
    other = LeadStory("other", start=START)
    await given_a_lead(harness, other)
    await harness.deliver(profile(email="ada@customer.example"), *lead.merged(other, START))
    found = await post(harness, "salesforce", SALESFORCE)
    assert found["items"][0]["lead_id"] == str(other.lead_id)


async def test_a_tombstone_is_taken_note_of_and_not_parked(harness: ServiceHarness) -> None:
    """On a compacted topic a key without a value was erased; on any other it is a record that cannot be read."""

    def erased(topic: Topic) -> ReceivedRecord:
        kind = topic.events[0].ce_type
        envelope = Envelope(str(uuid4()), kind, "baton/capture", START, 1)
        return decode_record(
            Record(topic.name, 0, 7, 0, str(lead.contact_id).encode(), None, envelope.headers()), topic
        )

    heard = harness.service.on[CONTACTS_PROFILES]
    assert await apply_batch(harness.service.transaction, TopicBatch(heard, [erased(CONTACTS_PROFILES)])) == []
    assert await harness.raw.fetch("select from parked") == []
    assert erased(LEADS_QUALIFIED).reason == "undecodable"
