"""Badge scans and attendee lists, from HTTP to rows and events, on a real PostgreSQL."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from capture.app import service
from events.contacts import ContactCaptured, ContactMerged, ContactProfile
from events.runtime.testing import START, ServiceHarness

VCARD = "BEGIN:VCARD\nVERSION:3.0\nN:Lovelace;Ada\nORG:Engines\nEMAIL:ada@lovelace.example\nEND:VCARD"


def scan(**changes: Any) -> dict[str, Any]:
    return {
        "scan_id": str(uuid4()),
        "event": "expo",
        "badge": "10042",
        "scanned_by": "rep-1",
        "occurred_at": START.isoformat(),
        **changes,
    }


async def post(harness: ServiceHarness, body: Any, path: str = "/v1/scans") -> list[dict[str, Any]]:
    response = await harness.http.post(path, json=body)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def test_a_scan_becomes_an_engagement_with_what_was_asked_at_the_booth(harness: ServiceHarness) -> None:
    """C2: the badge's own words and the notes stay with capture."""
    body = scan(badge=VCARD, rating=5, notes="met at the booth", answers={"has_project": True}, talk_to_sales=True)
    (item,) = await post(harness, body)
    assert item["status"] == "accepted"
    (captured,) = await harness.emitted(ContactCaptured)
    assert (captured.source, captured.engagement, captured.campaign) == ("event_scan", "event_scan", "expo")
    assert captured.facts == {"scanned_by": "rep-1", "rating": 5, "has_project": True}
    assert (captured.talk_to_sales, captured.email_domain) == (True, "lovelace.example")
    (profile,) = await harness.emitted(ContactProfile)
    assert (profile.email, profile.last_name, profile.company) == ("ada@lovelace.example", "Lovelace", "Engines")
    shown = (await harness.http.get(f"/v1/contacts/{item['contact_id']}")).json()
    assert shown["engagements"][0]["facts"]["badge"] == VCARD
    assert shown["engagements"][0]["facts"]["notes"] == "met at the booth"


async def test_the_booth_learns_at_once_whose_address_is_missing(harness: ServiceHarness) -> None:
    """Issue 16: not of a card that shows one, and not of a badge whose wearer the organiser's list names."""
    listed = {"event": "expo", "badge": "7", "email": "bo@geir.example"}
    assert "no_address" not in (await post(harness, [listed], "/v1/attendees"))[0]
    named = "BEGIN:VCARD\nN:Lovelace;Ada\nEND:VCARD"
    badges = ["10042", VCARD, "7", named, "+44 20 7946 0958", ""]
    items = await post(harness, [scan(badge=badge) for badge in badges])
    assert [item.get("no_address", False) for item in items] == [True, False, False, True, False, False]
    assert items[-1]["status"] == "rejected"
    await post(harness, [listed | {"badge": "10042", "email": "ada@lovelace.example"}], "/v1/attendees")
    (again,) = await post(harness, scan(badge="10042"))
    assert "no_address" not in again


async def test_an_offline_batch_is_one_contact_and_several_engagements_however_often_sent(
    harness: ServiceHarness,
) -> None:
    """C10, B66: days late, by several reps, sent again after a lost answer."""
    await harness.advance(timedelta(days=3))
    batch = [scan(scanned_by=f"rep-{n % 2}", badge="REG-10042" if n else "10042") for n in range(4)]
    first = await post(harness, batch)
    from_body = await post(harness, batch[::-1])
    assert [item["status"] for item in first] == ["accepted"] * 4
    assert [item["status"] for item in from_body] == ["duplicate"] * 4
    assert len({item["contact_id"] for item in first + from_body}) == 1
    events = await harness.emitted(ContactCaptured)
    assert {event.occurred_at for event in events} == {START}
    assert {event.received_at for event in events} == {START + timedelta(days=3)}


async def test_two_reps_whose_scanners_count_alike_send_two_scans(harness: ServiceHarness) -> None:
    items = await post(harness, [scan(scan_id="1"), scan(scan_id="1", scanned_by="rep-2"), scan(scan_id="1")])
    assert [item["status"] for item in items] == ["accepted", "accepted", "duplicate"]


async def test_a_scanner_with_a_wrong_clock_is_set_right_by_what_it_says_the_time_is(harness: ServiceHarness) -> None:
    """C10: two years behind or ahead, the scan was an hour ago."""
    for years in (-2, 2):
        now = START + timedelta(days=365 * years)
        hour_ago = (now - timedelta(hours=1)).isoformat()
        await post(harness, scan(badge=f"b{years}", occurred_at=hour_ago, sent_at=now.isoformat()))
    assert {event.occurred_at for event in await harness.emitted(ContactCaptured)} == {START - timedelta(hours=1)}


async def test_a_scanner_a_few_hours_ahead_scanned_now_and_one_of_2099_did_not(harness: ServiceHarness) -> None:
    """B53."""
    near, far = (START + timedelta(hours=5)).isoformat(), "2099-01-01T00:00:00Z"
    items = await post(harness, [scan(occurred_at=near), scan(occurred_at=far)])
    assert [item["status"] for item in items] == ["accepted", "rejected"]
    assert items[1]["problem"]["errors"] == [{"field": "occurred_at", "code": "in_the_future"}]
    (captured,) = await harness.emitted(ContactCaptured)
    assert captured.occurred_at == START


async def test_an_attendee_list_names_who_was_scanned(harness: ServiceHarness) -> None:
    """C2: before and after the list, the badge is one person; registered and scanned are two facts."""
    (before,) = await post(harness, scan())
    attendee = {"event": "expo", "badge": "ID 10042".replace(" ", ":"), "email": "ada@lovelace.example"}
    (listed,) = await post(harness, [attendee | {"last_name": "Lovelace"}], "/v1/attendees")
    (after,) = await post(harness, scan(scanned_by="rep-2"))
    assert len({item["contact_id"] for item in (before, listed, after)}) == 1
    did = [event.engagement for event in await harness.emitted(ContactCaptured)]
    assert did == ["event_scan", "event_registered", "event_scan"]
    assert (await harness.emitted(ContactProfile))[-1].email == "ada@lovelace.example"
    (from_body,) = await post(harness, [attendee | {"last_name": "Lovelace"}], "/v1/attendees")
    assert from_body["status"] == "duplicate"


async def test_an_attendee_whom_we_know_takes_the_badges_contact_over(harness: ServiceHarness) -> None:
    known = (await harness.http.post("/v1/contacts", json={"email": "ada@lovelace.example"})).json()
    (scanned,) = await post(harness, scan(answers={"seats": 40}))
    stream = orjson.dumps({"event": "expo", "badge": "10042", "email": "ada@lovelace.example"})
    response = await harness.http.post(
        "/v1/attendees", content=stream, headers={"Content-Type": "application/x-ndjson"}
    )
    assert b'"accepted":1' in response.content
    merged = await harness.emitted(ContactMerged)
    assert {event.contact_id for event in merged} == {event.loser_id for event in merged} | {
        event.survivor_id for event in merged
    }
    assert str(merged[0].survivor_id) == known["contact_id"]
    shown = (await harness.http.get(f"/v1/contacts/{scanned['contact_id']}")).json()
    assert shown["contact_id"] == known["contact_id"]
    assert len(shown["engagements"]) == shown["engagement_count"] == 3
    assert await service.audit_now() == []


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"badge": " "}, "badge", "badge_empty"),
        ({"badge": "1\0"}, "badge", "control_character"),
        ({"badge": "x" * 8_001}, "badge", "string_too_long"),
        ({"event": "a b"}, "event", "string_pattern_mismatch"),
        ({"scan_id": ""}, "scan_id", "string_too_short"),
        ({"occurred_at": "2026-03-02T09:00:00"}, "occurred_at", "time_malformed"),
        ({"talk_to_sales": "yes"}, "talk_to_sales", "bool_type"),
        ({"contact_id": "1"}, "?", "extra_forbidden"),
        ({"answers": {"a": [1]}}, "answers", "fact_not_scalar"),
    ],
)
async def test_a_scan_that_says_nothing_usable_is_answered_by_itself(
    harness: ServiceHarness, change: dict[str, Any], field: str, code: str
) -> None:
    """B30, B51, B53, B57, B80: the good one beside it is kept."""
    items = await post(harness, [scan(**change), scan()])
    assert [item["status"] for item in items] == ["rejected", "accepted"]
    assert items[0]["problem"]["errors"] == [{"field": field, "code": code}]


async def test_nothing_is_no_scan(harness: ServiceHarness) -> None:
    response: httpx.Response = await harness.http.post("/v1/scans", json=[])
    assert (response.status_code, response.json()["errors"]) == (422, [{"field": "body", "code": "too_few_items"}])
