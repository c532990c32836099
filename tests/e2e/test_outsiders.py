"""What others see: plain CloudEvents, no personal data but where it belongs, and bad records that stop nobody."""

import uuid
from collections import defaultdict

import pytest

from baton import auditing
from baton.dead_letters import list_parked
from events.topics import TOPICS
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

CLOUD_EVENT = {"ce_id", "ce_type", "ce_source", "ce_specversion", "ce_time", "ce_sequence", "content-type"}
PROFILES = "contacts.profiles.v1"
COMPACTED = {topic.name for topic in TOPICS if topic.compacted}


async def test_an_ordinary_consumer_reads_cloudevents(world: World) -> None:
    """Binary mode, JSON values, the contact as key, sequences that rise by one for each key."""
    contact = await world.somebody_submits("demo_request")
    await world.reads("lead.assigned.v1", contact)
    await world.settled()
    await world.listen()

    types = {kind.ce_type for topic in TOPICS for kind in topic.events}
    sequences: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    erased = {record.key for record in world.records if record.kind == "contact.erased.v1"}  # with what was unsent
    for record in world.records:
        if record.topic.endswith(".v1") and "ce_id" in record.headers and record.key not in erased:
            assert set(record.headers) >= CLOUD_EVENT
            assert record.kind in types
            assert record.text or record.topic in COMPACTED, "only a compacted topic has tombstones"
            stream = (record.headers["ce_source"], record.topic, record.key)
            sequences[stream].append(int(record.headers["ce_sequence"]))
    assert sequences
    for numbers in sequences.values():
        first_seen = list(dict.fromkeys(numbers))
        assert first_seen == list(range(1, len(first_seen) + 1))


async def test_a_record_that_nobody_understands_is_parked_and_the_next_flows(world: World) -> None:
    """X23: parked with its reason, pointed at by a dead letter, and the partition goes on."""
    contact = await world.somebody_submits("content_download")
    await world.settled()

    await world.somebody_publishes(
        "contacts.captured.v1",
        contact,
        b"{not json",
        ce_id=str(uuid.uuid4()),
        ce_type="contact.captured.v1",
        ce_source="baton/nobody",
        ce_specversion="1.0",
        ce_time="2026-03-02T09:00:00+00:00",
        ce_sequence="1",
    )
    email = f"next-{contact}@behind.example"
    behind = await world.somebody_submits("demo_request", email=email)
    await world.reads("lead.assigned.v1", behind)
    await world.settled()

    parked = await list_parked(world.stack)
    assert {row["service"] for row in parked} == {"scoring", "feedback"}
    assert all(row["reason"] for row in parked)
    await world.listen()
    letters = [record for record in world.records if record.topic == "scoring.dead-letters"]
    assert letters
    assert b"not json".decode() not in letters[-1].text
    for row in parked:
        await world.post(row["service"], f"/v1/dead-letters/{row['id']}/discard", {})


async def test_names_mails_and_phones_stay_on_the_profiles(world: World) -> None:
    """I10: a marked person is followed through everything; the marks are on one topic and in no log."""
    marks = ("zyxmark", "+4930901820555", "30901820555")
    contact = await world.somebody_submits(
        "demo_request",
        email="zyxmark.person@marked.example",
        phone="+4930901820555",
        first_name="Zyxmark",
        last_name="Zyxmarkson",
        referrer="Zyxmark Friend",
        facts={"asked_by": "zyxmark.person@marked.example"},
    )
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(assigned, "accept")
    await world.the_rep_says(assigned, "recycle", reason="not_ready", note="Call Zyxmark at +4930901820555 again")
    await world.reads("lead.recycled.v1", contact)
    refused = await world.http.post(
        f"{world.stack.urls['capture']}/v1/contacts",
        json={"email": "zyxmark..person@marked.example", "engagement": "demo_request", "source": "web_form"},
    )
    await world.settled()
    await world.listen()

    publishers = {
        record.topic for record in world.records for mark in marks if mark in f"{record.text}{record.key}".lower()
    }
    assert publishers == {PROFILES}
    assert refused.status_code == 422
    assert "zyxmark" not in refused.text.lower()
    for log in (world.stack.data_dir.directory / "logs").glob("*.log"):
        assert not [mark for mark in marks if mark in log.read_text(errors="replace").lower()], log.name
    for url in world.stack.urls.values():
        metrics = (await world.http.get(f"{url}/metrics")).text.lower()
        assert not [mark for mark in marks if mark in metrics]


async def test_nothing_is_left_over(world: World) -> None:
    """Every lead is in exactly one place, no stream has a gap."""
    await world.settled()

    found = await auditing.audit(world.stack)

    assert [check for check in found["checks"] if check["residual"]] == []
