"""Merged contacts, wishes for later, accounts, overrides, outcomes and past playbooks on a real PostgreSQL."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import yaml

from events.contacts import ContactErased, ContactMerged, ContactUnmerged
from events.leads import LeadQualified, LeadUpgraded
from events.runtime.playbooks import PlaybookText
from events.runtime.testing import ServiceHarness
from tests.scoring.builders import (
    ANN,
    IDEAL,
    ROOT,
    captured,
    confirmed,
    day,
    lost,
    recycled,
    woken,
    won,
)
from tests.scoring.test_service import BOB, CYD, account, qualified, rows, score

MERGE = UUID(int=77)


def merge(kind: type[ContactMerged | ContactUnmerged] = ContactMerged, at: float = 2) -> list[Any]:
    return [
        kind(occurred_at=day(at), contact_id=each, merge_id=MERGE, survivor_id=ANN, loser_id=BOB) for each in (ANN, BOB)
    ]


async def test_merged_contacts_make_one_lead_and_part_again(harness: ServiceHarness) -> None:
    await harness.deliver(captured("webinar_attended", 0, contact=ANN, **IDEAL))
    await harness.deliver(captured("webinar_attended", 0.5, contact=BOB, **IDEAL))
    assert await qualified(harness) == []
    await harness.deliver(*merge())
    (event,) = await harness.emitted(LeadQualified)
    assert (event.contact_id, event.cycle, event.lead_type) == (ANN, 1, "webinar")
    assert (
        (await score(harness, 1, BOB))["readiness"]["points"]
        == (await score(harness, 1, ANN))["readiness"]["points"]
        > 30
    )
    await harness.deliver(*merge(ContactUnmerged, 3))
    assert (await score(harness, 1, BOB))["readiness"]["points"] < 20
    await harness.deliver(*merge())
    assert len(await qualified(harness)) == 1, "an undone merge stays undone, and nothing is published twice"
    assert await harness.service.audit_now() == []


async def test_the_survivors_open_lead_takes_the_wish_of_the_other(harness: ServiceHarness) -> None:
    await harness.deliver(captured("colleagues_invited", 0, contact=ANN, **IDEAL))
    await harness.deliver(captured("demo_request", 0.1, contact=BOB, **{**IDEAL, "email_domain": "other.example"}))
    await harness.deliver(*merge())
    assert [event.contact_id for event in await harness.emitted(LeadUpgraded)] == [ANN]
    await harness.deliver(recycled(3, reason="duplicate", contact=BOB), captured("contact_sales", 4, contact=BOB))
    assert len(await qualified(harness)) == 2
    await harness.deliver(*merge(ContactUnmerged, 5), woken(5, contact=BOB, reason="unmerged"))
    assert (await qualified(harness))[2:] == [(2, "hand_raiser", "hand_raiser")]
    assert await harness.service.audit_now() == []


async def test_a_lead_of_a_merged_contact_cools_by_its_own_timer(harness: ServiceHarness) -> None:
    await harness.deliver(
        captured("social", 0, contact=ANN, **IDEAL), captured("colleagues_invited", 0, contact=BOB, **IDEAL)
    )
    await harness.deliver(*merge(), *merge(ContactUnmerged, 3))
    await harness.advance(timedelta(days=30))
    found = await harness.raw.fetch("select contact_id from leads where cooled_at is not null")
    assert [row["contact_id"] for row in found] == [BOB]


async def test_an_erased_contact_leaves_no_merge(harness: ServiceHarness) -> None:
    await harness.deliver(captured("social", 0, contact=ANN), captured("social", 0, contact=BOB), *merge())
    await harness.deliver(ContactErased(occurred_at=day(9), contact_id=BOB, erasure_id=CYD))
    assert await rows(harness, "merges") == 0
    assert (await score(harness, 1, ANN))["outcome"] == "nurture"


async def test_a_merge_that_arrives_after_the_erasure_is_not_kept(harness: ServiceHarness) -> None:
    """X8: nothing orders the topics, and nothing would delete it any more."""
    await harness.deliver(captured("social", 0, contact=ANN), captured("social", 0, contact=BOB))
    await harness.deliver(ContactErased(occurred_at=day(9), contact_id=BOB, erasure_id=CYD))
    await harness.deliver(*merge(), *merge(ContactUnmerged))
    assert await rows(harness, "merges") == 0


async def test_a_wish_for_later_is_a_lead_when_its_time_has_come(harness: ServiceHarness) -> None:
    """C3."""
    await harness.deliver(
        captured("webinar_registered", 0, talk_to_sales=True, talk_to_sales_at=day(6), content="w7", **IDEAL)
    )
    await harness.advance(timedelta(days=5))
    assert await qualified(harness) == []
    await harness.advance(timedelta(days=1))
    (event,) = await harness.emitted(LeadQualified)
    assert (event.lead_type, event.captured_at, event.content) == ("fast_track", day(6), "w7")
    await harness.deliver(captured("webinar_registered", 7, talk_to_sales=True, talk_to_sales_at=day(5), contact=BOB))
    assert (await qualified(harness))[1:] == [(1, "fast_track", "hand_raiser")]


async def test_an_account_makes_one_product_lead_however_many_use_it(harness: ServiceHarness) -> None:
    """C12: for the most senior known contact."""
    engineer = {**IDEAL, "job_title": "Engineer", "industry": "Fishing"}
    await harness.deliver(captured("social", 0, contact=CYD, **IDEAL))
    for number in (1, 2, 3):
        who = UUID(int=number)
        await harness.deliver(captured("seats_added", number / 100 - 1, contact=who, source="product", **engineer))
        await harness.advance(timedelta(0))
    (event,) = await harness.emitted(LeadQualified)
    assert (event.contact_id, event.lead_type, event.engagement) == (CYD, "product", "account_use")
    for number in (4, 5):
        await harness.deliver(captured("colleagues_invited", 0, contact=UUID(int=number), source="product", **IDEAL))
        await harness.advance(timedelta(0))
    assert len(await qualified(harness)) == 1
    assert await rows(harness, "held") == 2


async def test_a_batch_of_colleagues_makes_one_product_lead(harness: ServiceHarness) -> None:
    await harness.deliver(
        *(captured("colleagues_invited", 0, contact=UUID(int=number), **IDEAL) for number in (1, 2, 3))
    )
    assert await qualified(harness) == [(1, "product", "mql")]


async def test_an_override_is_kept_with_who_and_why_and_counted(harness: ServiceHarness) -> None:
    """D7."""
    await harness.deliver(account("competitor"), captured("demo_request", **IDEAL), captured("social", contact=BOB))
    assert await qualified(harness) == []
    lift = {"kind": "lift_exclusion", "reason": "a partner by now", "by": "ina"}
    path = f"/v1/contacts/{ANN}/overrides"
    answer = await harness.http.post(path, json=lift, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["by"] == "ina"
    assert await qualified(harness) == [(1, "hand_raiser", "hand_raiser")]
    again = await harness.http.post(path, json=lift, headers={"Idempotency-Key": "k1"})
    assert again.json() == answer.json()
    other = await harness.http.post(path, json={**lift, "by": "jo"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")
    pushed = await harness.http.post(f"/v1/contacts/{BOB}/overrides", json={**lift, "kind": "push"})
    assert pushed.status_code == 200
    assert (await qualified(harness))[1:] == [(1, "content", "mql")]
    assert (await harness.http.post(path, json={"kind": "push", "reason": "x"})).status_code == 422
    assert (await harness.http.post(f"/v1/contacts/{CYD}/overrides", json=lift)).status_code == 404
    first = (await harness.http.get("/v1/overrides", params={"limit": 1})).json()
    second = (await harness.http.get("/v1/overrides", params={"limit": 1, "cursor": first["next"]})).json()
    assert {page["items"][0]["kind"] for page in (first, second)} == {"lift_exclusion", "push"}
    assert (await harness.http.get("/v1/overrides")).json()["next"] is None
    counts = (await harness.http.get("/v1/overrides/counts", params={"per": "month"})).json()["items"]
    assert [(each["period"], each["kind"], each["by"], each["overrides"]) for each in counts] == [
        ("2026-03-01", "lift_exclusion", "ina", 1), ("2026-03-01", "push", "ina", 1),
    ]  # fmt: skip


async def test_outcomes_come_back_to_the_cells_that_made_the_leads(harness: ServiceHarness) -> None:
    """Q12, Q22, D13."""
    people = [UUID(int=number) for number in range(1, 5)]
    for number, who in enumerate(people):
        facts = {**IDEAL, "email_domain": f"firm-{number}.example"}
        await harness.deliver(captured("colleagues_invited", contact=who, **facts))
    await harness.deliver(confirmed(1, contact=people[0]), won(3, contact=people[0]))
    await harness.deliver(confirmed(1, contact=people[1], timing=False), lost(4, contact=people[1]))
    await harness.deliver(recycled(5, contact=people[1], reason="no_budget"), recycled(5, contact=people[2]))
    answer = await harness.http.get("/v1/outcomes")
    body = answer.json()
    found = body["outcomes"]
    assert (found["leads"], found["still_open"], body["held_back"]) == (4, 1, 0)
    assert (found["mql"]["count"], found["mql"]["leads"]) == (2, 3)
    assert found["returned"] == {"no_budget": 1, "not_ready": 1}
    assert [(cell["fit"], cell["readiness"], cell["won"]) for cell in found["cells"]] == [("A", 2, 1)]
    assert (found["bant"]["strong_and_bant"], found["bant"]["strong_not_bant"]) == (1, 2)
    version = (await harness.emitted(LeadQualified))[0].playbook_version
    for query, leads in (({"playbook_version": version}, 4), ({"playbook_version": "x"}, 0)):
        assert (await harness.http.get("/v1/outcomes", params=query)).json()["outcomes"]["leads"] == leads
    first = (await harness.http.get("/v1/outcomes/leads", params={"limit": 3})).json()
    second = (await harness.http.get("/v1/outcomes/leads", params={"limit": 3, "cursor": first["next"]})).json()
    labels = sorted(lead["label"] for lead in [*first["items"], *second["items"]])
    assert labels == ["converted", "converted", "open", "returned"]
    assert second["next"] is None
    assert {(lead["fit"], lead["readiness"], lead["readiness_points"]) for lead in first["items"]} == {("A", 2, 35)}
    late = await harness.http.get("/v1/outcomes", params={"since": day(1).isoformat(), "until": day(2).isoformat()})
    assert late.json()["outcomes"]["leads"] == 0


async def test_the_lever_for_volume_says_what_each_setting_would_make(harness: ServiceHarness) -> None:
    """Q17."""
    await harness.deliver(captured("colleagues_invited", contact=ANN, **IDEAL), captured("demo_request", contact=BOB))
    body = (await harness.http.get("/v1/strictness", params={"days": 30})).json()
    assert body["setting"] == "balanced"
    assert body["volumes"] == {
        "lenient": {"by_score": 1, "by_request": 1},
        "balanced": {"by_score": 1, "by_request": 1},
        "strict": {"by_score": 0, "by_request": 1},
    }


async def test_a_past_instant_is_scored_by_the_playbook_in_force_then(harness: ServiceHarness) -> None:
    """D10."""
    await harness.deliver(captured("colleagues_invited", 0, **IDEAL))
    before = await score(harness, 0)
    await harness.advance(timedelta(days=2))
    folder = ROOT / "deploy" / "playbook"
    body = yaml.safe_load((folder / "scoring.yaml").read_text())
    body["readiness"]["levels"] = {1: 90, 2: 60, 3: 15}
    source = PlaybookText((folder / "definitions.yaml").read_text(), yaml.safe_dump(body))
    async with harness.transaction() as tx:
        await harness.service.playbooks.activate(tx, source, "ina", [])
    now = await score(harness)
    assert (before["readiness"]["level"], before["outcome"]) == (2, "mql")
    assert (now["playbook_version"], now["readiness"]["level"]) == (source.version, 3)
    of_then = {"readiness": None, "because": None, "account": None}
    assert await score(harness, 1) | of_then == before | of_then
    assert (await score(harness, -1))["playbook_version"] == before["playbook_version"]
