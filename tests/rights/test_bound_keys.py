"""Keys that are for one rep's leads: singly and in bulk, and the right follows the lead (X49)."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from events.contacts import ContactProfile
from events.leads import LeadTouched
from events.runtime import security
from events.runtime.testing import ServiceHarness
from feedback.api.commands import intake
from feedback.app import service
from tests.feedback.domain_harness import FOLDER
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_activities import DIALLER, HUBSPOT

MINE, OTHERS = LeadStory("mine"), LeadStory("others")


@pytest.fixture
async def harness(
    databases: Callable[[str], Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ServiceHarness]:
    """Feedback, with one lead of ann's and one of bob's."""
    monkeypatch.setattr(intake, "LANES", 1)
    async with ServiceHarness.open(service, await databases("feedback")) as opened:
        async with opened.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(FOLDER), by="default", approvals=[])
        for story, rep in ((MINE, "ann"), (OTHERS, "bob")):
            await opened.deliver(story.captured(), story.qualified(), story.assigned(rep))
        yield opened


async def bearer(harness: ServiceHarness, **more: Any) -> dict[str, str]:
    key_id, key, digest = security.draw_key()
    await security.insert_key(
        harness.raw, key_id=key_id, digest=digest, scopes=["leads:read", "leads:work", *more.pop("also", ())], **more
    )
    return {"Authorization": f"Bearer {key}"}


async def touch(harness: ServiceHarness, story: LeadStory, headers: dict[str, str]) -> httpx.Response:
    body = {"kind": "call", "outcome": "no_answer"}
    return await harness.http.post(f"/v1/leads/{story.lead_id}/touches", json=body, headers=headers)


async def test_a_key_made_before_there_were_roles_is_for_its_rep_alone(harness: ServiceHarness) -> None:
    headers = await bearer(harness, rep_id="ann")
    assert (await touch(harness, MINE, headers)).status_code == 200
    refused = await touch(harness, OTHERS, headers)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "out_of_reach")


async def test_admin_is_no_scope_of_a_bound_key(harness: ServiceHarness) -> None:
    headers = await bearer(harness, rep_id="ann", also=["admin"])
    assert (await harness.http.get("/v1/dead-letters", headers=headers)).status_code == 403
    assert (await touch(harness, OTHERS, headers)).status_code == 403


async def test_the_right_follows_the_lead(harness: ServiceHarness) -> None:
    """Reassigned: from then on it is the other rep's, for what is read as for what is done."""
    ann, bob = await bearer(harness, role="rep", rep_id="ann"), await bearer(harness, role="rep", rep_id="bob")
    path = f"/v1/leads/{MINE.lead_id}"
    assert [(await harness.http.get(path, headers=each)).status_code for each in (ann, bob)] == [200, 403]
    await harness.deliver(MINE.assigned("bob", at=MINE.start + days(1), number=2))
    assert [(await harness.http.get(path, headers=each)).status_code for each in (ann, bob)] == [403, 200]
    assert [(await touch(harness, MINE, each)).status_code for each in (ann, bob)] == [403, 200]
    listed = (await harness.http.get("/v1/leads", headers=ann)).json()["items"]
    assert listed == []


async def test_lists_hold_what_is_in_reach_whatever_is_asked_for(harness: ServiceHarness) -> None:
    ann = await bearer(harness, role="rep", rep_id="ann")
    assert [each["lead_id"] for each in (await harness.http.get("/v1/leads", headers=ann)).json()["items"]] == [
        str(MINE.lead_id)
    ]
    assert (await harness.http.get("/v1/leads?rep_id=bob", headers=ann)).status_code == 403
    named = await harness.http.get(f"/v1/leads?contact_id={OTHERS.contact_id}", headers=ann)
    assert named.json()["items"] == []
    manager = await bearer(harness, role="manager", team="development")
    assert len((await harness.http.get("/v1/leads?rep_id=bob", headers=manager)).json()["items"]) == 1


async def test_in_bulk_each_line_has_its_own_answer(harness: ServiceHarness) -> None:
    ann = await bearer(harness, role="rep", rep_id="ann")
    lines = [
        {"lead_id": str(story.lead_id), "command": command, "by": "ann"}
        for story in (MINE, OTHERS)
        for command in ("accept", "won")
    ]
    body = b"\n".join(json.dumps(line).encode() for line in lines)
    answer = await harness.http.post(
        "/v1/leads/commands", content=body, headers=ann | {"Content-Type": "application/x-ndjson"}
    )
    found = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["status"] for each in found[:4]] == ["done", "done", "refused", "refused"], found
    assert [each["problem"]["status"] for each in found[2:4]] == [403, 403]


async def test_customers_and_their_feedback_are_in_reach_with_the_lead(harness: ServiceHarness) -> None:
    ann = await bearer(harness, role="rep", rep_id="ann")
    sent = {"about": "messaging", "campaign": "spring"}
    statuses = []
    for story in (MINE, OTHERS):
        changed = await harness.http.post(
            f"/v1/contacts/{story.contact_id}/customer", json={"change": "renewed"}, headers=ann
        )
        answered = await harness.http.post(
            "/v1/feedback", json=sent | {"contact_id": str(story.contact_id)}, headers=ann
        )
        statuses.append((changed.status_code == 403, answered.status_code))
    assert statuses == [(False, 200), (True, 403)]


async def test_activities_reach_the_own_leads_alone_in_the_own_name_and_say_nothing_of_others(
    harness: ServiceHarness,
) -> None:
    """Whom an address belongs to, and what a CRM calls them, would show and move other reps' leads."""
    ann = await bearer(harness, role="rep", rep_id="ann")
    phones = {MINE: "+49301111111", OTHERS: "+49302222222"}
    for story, phone in phones.items():
        await harness.deliver(
            ContactProfile(contact_id=story.contact_id, occurred_at=story.start, revision=1, phone=phone)
        )
    before = await harness.raw.fetch("select * from identities order by key")
    records = [DIALLER | {"id": phone, "raw_digits": phone} for phone in (*phones.values(), "+49303333333")]
    answer = await harness.http.post("/v1/activities", json={"source": "dialler", "records": records}, headers=ann)
    items = answer.json()["items"]
    assert [(item["status"], item.get("code"), item["lead_id"]) for item in items] == [
        ("done", None, str(MINE.lead_id)), ("refused", "out_of_reach", None), ("unresolved", None, None),
    ]  # fmt: skip
    assert str(OTHERS.lead_id) not in answer.text
    assert [touch.by for touch in await harness.emitted(LeadTouched)] == ["ann"]
    assert await harness.raw.fetch("select * from identities order by key") == before
    assert await harness.raw.fetch("select from activities") == []
    crm = {**HUBSPOT, "properties": {**HUBSPOT["properties"], "hs_call_to_number": phones[MINE]}}
    await harness.http.post("/v1/activities", json={"source": "hubspot", "records": [crm]}, headers=ann)
    assert await harness.raw.fetch("select * from identities order by key") == before
