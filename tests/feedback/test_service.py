"""The service on a real PostgreSQL: events straight to the handlers, commands over HTTP, a stepped clock."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest

from events.contacts import AccountChanged, CampaignAnnounced, ErasureReceipt
from events.leads import (
    LeadAccepted,
    LeadConfirmed,
    LeadCorrected,
    LeadDisqualified,
    LeadLifecycle,
    LeadLost,
    LeadRecycled,
    LeadRejected,
    LeadTouched,
    LeadWoken,
    LeadWon,
    MeetingChanged,
    OpportunityOpened,
)
from events.runtime.testing import START, ServiceHarness
from events.topics import LEADS_LIFECYCLE
from feedback import handlers
from tests.feedback.lead_story import LeadStory, days

YES = {"budget": True, "authority": True, "need": True, "timing": False}
CALL: dict[str, Any] = {"kind": "call", "outcome": "no_answer", "automated": False}

lead = LeadStory(start=START)


async def given_a_lead(harness: ServiceHarness, story: LeadStory = lead) -> LeadStory:
    """One that ann, a BDR, was given on Monday at nine."""
    await harness.deliver(story.captured(facts={"origin": "social"}), story.qualified(), story.assigned())
    return story


async def does(
    harness: ServiceHarness, command: str, by: str = "ann", *, story: LeadStory = lead, **body: Any
) -> dict[str, Any]:
    answer = await harness.http.post(f"/v1/leads/{story.lead_id}/{command}", json={"by": by, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refused(harness: ServiceHarness, status: int, command: str, **body: Any) -> dict[str, Any]:
    answer = await harness.http.post(f"/v1/leads/{lead.lead_id}/{command}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    return found


async def show(harness: ServiceHarness, story: LeadStory = lead) -> dict[str, Any]:
    answer = await harness.http.get(f"/v1/leads/{story.lead_id}")
    found: dict[str, Any] = answer.json()
    return found


async def residual(harness: ServiceHarness) -> list[dict[str, Any]]:
    return await harness.service.audit_now()


async def test_two_calls_within_minutes_are_one_attempt(harness: ServiceHarness) -> None:
    """Issue 14, point 9: also for what was called before attempts were counted by spells."""
    await given_a_lead(harness)
    path = f"/v1/leads/{lead.lead_id}"
    await harness.advance(timedelta(hours=4))
    for minutes in (2, 0, 150, 3, 121):
        at = (START + timedelta(minutes=minutes)).isoformat()
        assert (await harness.http.post(f"{path}/touches", json=CALL | {"by": "ann", "at": at})).status_code == 200
    robot = {"by": "ann", "at": (START + timedelta(hours=1)).isoformat(), "automated": True}
    assert (await harness.http.post(f"{path}/touches", json=CALL | robot)).status_code == 200
    refused = (await harness.http.post(f"{path}/recycle", json={"by": "ann", "reason": "unreachable"})).json()
    assert (refused["missing"], refused["recorded"]) == (["attempts", "days"], 2)
    kept = "select touch_times from leads"
    (before,) = await harness.raw.fetch(kept)
    await harness.raw.execute("update leads set touch_times = '[]'")
    await harness.raw.execute(import_module("feedback.migrations.versions.0014_times_of_touches").FROM_HISTORY)
    (after,) = await harness.raw.fetch(kept)
    assert list(map(datetime.fromisoformat, after[0])) == list(map(datetime.fromisoformat, before[0]))
    assert (await harness.http.get(path)).json()["touches"] == 5


async def test_a_lead_goes_from_accept_to_won_and_its_history_shows_it(harness: ServiceHarness) -> None:
    """D9, D12, D13, A3: each step is an event, and the win leads back to the evidence."""
    await given_a_lead(harness)
    await does(harness, "accept")
    await does(harness, "touches", **CALL, seconds=40, topics=["pricing"])
    await does(harness, "meetings", starts_at="2026-03-04T09:00:00Z", outcome="booked")
    await does(harness, "confirm", bant=YES)
    await does(harness, "opportunity", amount=900, currency="EUR", external_id="crm-17")
    answer = await does(harness, "won", amount=1000)

    assert (answer["state"], answer["side"], answer["legal"]) == (
        "won",
        "customer_success",
        ["lost", "opportunity", "won"],
    )
    for kind in (LeadAccepted, LeadTouched, MeetingChanged, LeadConfirmed, OpportunityOpened, LeadWon):
        (event,) = await harness.emitted(kind)
        assert (event.by, event.lead_id, event.occurred_at) == ("ann", lead.lead_id, START)
    story = await show(harness)
    assert [line["kind"] for line in story["history"]].count("lead.touched") == 1
    assert {line["kind"] for line in story["history"]} == {
        "lead.qualified", "lead.assigned", "lead.accepted", "lead.touched", "meeting.changed", "lead.confirmed",
        "opportunity.opened", "lead.won",
    }  # fmt: skip
    assert story["evidence"]["fit"]["evidence"][0]["criterion"] == "employees"
    assert (story["amount"], story["touches"], story["state"]) == (1000.0, 1, "won")
    assert await residual(harness) == []


async def test_a_return_wakes_on_its_date(harness: ServiceHarness) -> None:
    """F5, F8, F9: nurture with a track, woken by the timer, once."""
    await given_a_lead(harness)
    answer = await does(harness, "recycle", reason="not_ready", note="Ask again after the merger")

    assert (answer["state"], answer["track"], answer["carried_out_as"]) == ("recycled", "education", "recycle")
    (event,) = await harness.emitted(LeadRecycled)
    assert (event.wake_at, event.has_note, event.rep_id) == (START + days(90), True, "ann")
    await harness.advance(days(89))
    assert await harness.emitted(LeadWoken) == []
    await harness.advance(days(40))
    (woken,) = await harness.emitted(LeadWoken)
    assert (woken.occurred_at, woken.reason, woken.early) == (START + days(90), "not_ready", False)
    assert await residual(harness) == []


async def test_a_hand_raise_wakes_a_returned_lead_at_once(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    await does(harness, "recycle", reason="no_budget")
    await harness.advance(days(5))
    await harness.deliver(lead.captured(START + days(5), "contact_sales"))
    await harness.advance(days(400))
    (woken,) = await harness.emitted(LeadWoken)
    assert (woken.early, woken.occurred_at) == (True, START + days(5))


async def test_a_win_on_a_returned_lead_reopens_it(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    await does(harness, "recycle", reason="not_ready")
    await does(harness, "won", amount=5)
    await harness.advance(days(200))
    assert await harness.emitted(LeadWoken) == []
    (cycle,) = (await harness.emitted(LeadLifecycle))[-1].cycles
    assert (cycle.state, cycle.side, cycle.reason, cycle.wake_at) == ("won", "customer_success", None, None)


async def test_a_win_before_the_first_contact_is_taken(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    answer = await does(harness, "won", at="2026-02-28T09:00:00Z")
    assert answer["at"] == "2026-02-28T09:00:00+00:00"
    assert (await harness.emitted(LeadWon))[0].occurred_at == START - days(2)


async def test_a_return_that_a_win_had_overtaken_is_history_alone(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    await harness.advance(days(3))
    await does(harness, "won")
    answer = await does(harness, "recycle", reason="not_ready", at=(START + days(1)).isoformat())
    assert (answer["state"], await harness.emitted(LeadRecycled)) == ("won", [])
    assert "recycle.overtaken" in {line["kind"] for line in (await show(harness))["history"]}


async def test_the_reviews_decision_is_carried_out(harness: ServiceHarness) -> None:
    """L2, L10, F13: day 90 returns what nobody followed up, and it wakes at once."""
    await given_a_lead(harness)
    await harness.advance(days(90))
    await harness.deliver(
        lead.review_opened(START + days(60)),
        lead.review_missed(START + days(90)),
        lead.escalated(START + days(90), "not_followed_up"),
    )
    (event,) = await harness.emitted(LeadRecycled)
    assert (event.reason, event.track, event.by) == ("not_followed_up", "requalify", "sla-monitor")
    await harness.advance(timedelta())
    assert len(await harness.emitted(LeadWoken)) == 1


async def test_a_lead_that_cooled_in_its_queue_is_nurtured(harness: ServiceHarness) -> None:
    await harness.deliver(lead.qualified(), lead.queued(), lead.released(START + days(1)))
    assert [event.reason for event in await harness.emitted(LeadRecycled)] == ["cooled"]


async def test_an_open_lead_is_not_left_lying(harness: ServiceHarness) -> None:
    """F8: accepted, and then nothing; it returns by itself before the audit would list it."""
    await given_a_lead(harness)
    await does(harness, "accept")
    await harness.advance(days(119))
    assert await harness.emitted(LeadRecycled) == []
    await harness.advance(days(2))
    (event,) = await harness.emitted(LeadRecycled)
    assert (event.reason, event.by) == ("no_outcome", "feedback")
    assert await residual(harness) == []


async def test_the_audit_lists_a_deal_that_nobody_closes(harness: ServiceHarness) -> None:
    """I5, Q19."""
    await given_a_lead(harness)
    await does(harness, "opportunity")
    await harness.advance(days(740))
    (row,) = await residual(harness)
    assert (row["rule"], row["lead_id"]) == ("stuck_in_stage", str(lead.lead_id))


async def test_the_audit_lists_a_lead_that_scoring_never_published(harness: ServiceHarness) -> None:
    await harness.deliver(lead.assigned())
    assert await residual(harness) == []
    await harness.advance(days(2))
    assert [row["rule"] for row in await residual(harness)] == ["never_qualified"]


async def test_a_disqualification_that_recycles_says_so(harness: ServiceHarness) -> None:
    """Q20."""
    await given_a_lead(harness)
    answer = await does(harness, "disqualify", reason="no_budget")
    assert (answer["command"], answer["carried_out_as"], answer["track"]) == ("disqualify", "recycle", "value")
    assert await harness.emitted(LeadDisqualified) == []


async def test_a_loss_is_followed_by_its_return(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    await does(harness, "lost", reason="competitor", context={"renewal_at": "2027-01-01"})
    (lost,), (recycled,) = await harness.emitted(LeadLost), await harness.emitted(LeadRecycled)
    assert (lost.state, recycled.track, recycled.reason) == ("lost", "competitive", "competitor")


async def test_a_rejection_that_routes_again_reaches_routing(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    await does(harness, "reject", reason="wrong_territory", context={"country": "FR"})
    (rejected,) = await harness.emitted(LeadRejected)
    assert rejected.state == "mql"
    assert await harness.emitted(LeadRecycled) == []


async def test_an_illegal_move_is_refused_with_the_legal_ones(harness: ServiceHarness) -> None:
    """D11, D12: 409, and nothing is published."""
    await given_a_lead(harness)
    problem = await refused(harness, 409, "confirm", by="ann", bant=YES)
    assert problem["errors"][0]["code"] == "illegal_move"
    assert (problem["state"], "accept" in problem["legal"]) == ("mql", True)
    assert await harness.emitted(LeadConfirmed) == []


@pytest.mark.parametrize(
    ("command", "body", "field", "code"),
    [
        ("recycle", {}, "reason", "missing"),
        ("recycle", {"reason": "bored"}, "reason", "reason_unknown"),
        ("recycle", {"reason": "wrong_size"}, "context.employees", "context_missing"),
        ("lost", {"reason": "unreachable"}, "context.attempts", "context_missing"),
        ("recycle", {"reason": "not_ready", "state": "won"}, "?", "extra_forbidden"),
        ("confirm", {"bant": {**YES, "need": "yes"}}, "bant.need", "bool_type"),
        ("touches", {"kind": "pigeon", "outcome": "no_answer"}, "kind", "literal_error"),
        ("touches", {**CALL, "at": "2027-01-01T00:00:00Z"}, "at", "in_the_future"),
        ("opportunity", {"currency": "XXX"}, "currency", "currency_unknown"),
        ("accept", {"by": "Jo Smith <jo@x.example>"}, "by", "string_pattern_mismatch"),
        ("accept", {"by": None}, "by", "missing"),
    ],
)
async def test_what_is_missing_or_wrong_is_named_and_not_echoed(
    harness: ServiceHarness, *, command: str, body: dict[str, Any], field: str, code: str
) -> None:
    """F3, B30, B51, B53, B55: 422, and nothing is written."""
    await given_a_lead(harness)
    problem = await refused(harness, 422, command, **{"by": "ann", **body})
    first = problem["errors"][0]
    assert (first["field"], first["code"]) == (field, code)
    assert "jo@x" not in str(problem)
    assert (await show(harness))["state"] == "mql"


ODD_CONTEXTS: list[tuple[str, dict[str, Any]]] = [
    *(("unreachable", {"attempts": 7, "days": days}) for days in (1e308, -1e308, 1e10, -1, 10**15)),
    ("unreachable", {"attempts": 1e308, "days": 12}),
    *(("wrong_size", {"employees": size}) for size in ("9" * 200, "9" * 19, 10**15, -1, "\u0661", "12\u00b2")),
    *(
        ("not_ready", {"renewal_at": at})
        for at in (
            "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01", "9999-12-31", "2026-02-30", 1e308,
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "context"), ODD_CONTEXTS)
async def test_no_fact_of_a_reason_breaks_anything(
    harness: ServiceHarness, reason: str, context: dict[str, Any]
) -> None:
    """Taken or refused; what is published can be read by whoever takes it, and stays within what databases hold."""
    await given_a_lead(harness)
    answer = await harness.http.post(
        f"/v1/leads/{lead.lead_id}/recycle", json={"by": "ann", "reason": reason, "context": context}
    )
    assert answer.status_code in {200, 422}, answer.text
    for event in await harness.emitted(LeadCorrected):
        found = LeadCorrected.decode(event.encode()).found
        assert found.employees is None or 0 <= found.employees <= 10_000_000
        assert found.renewal_at is None or 2000 <= found.renewal_at.year < 2100


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"[]", {}, 422),
        (b'{"by": NaN}', {}, 400),
        (b'{"by": "\\ud800"}', {}, 400),
        (b'{"by": "ann"} x', {}, 400),
        ('{"by": "ann"}'.encode("utf-16"), {}, 400),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b"{}", {"content-type": "application/json; charset=utf-16"}, 415),
        (b"{}", {"content-encoding": "gzip"}, 415),
        (b" " * 70_000, {}, 413),
    ],
)
async def test_a_body_that_is_no_strict_json_is_refused(
    harness: ServiceHarness, content: bytes, headers: dict[str, str], status: int
) -> None:
    """B1-B27."""
    given = {"content-type": "application/json", **headers}
    answer = await harness.http.post(f"/v1/leads/{lead.lead_id}/accept", content=content, headers=given)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_lead_that_is_not_known_yet_is_refused_so_that_callers_retry(harness: ServiceHarness) -> None:
    assert (await refused(harness, 404, "accept", by="ann"))["errors"][0]["code"] == "lead_unknown"
    await given_a_lead(harness)
    await does(harness, "accept")


async def test_a_repeated_command_is_carried_out_once(harness: ServiceHarness) -> None:
    """B69, B70, X31, X32."""
    await given_a_lead(harness)
    url, body, key = f"/v1/leads/{lead.lead_id}/touches", {"by": "ann", **CALL}, {"Idempotency-Key": '"k-1"'}
    first = await harness.http.post(url, json=body, headers=key)
    again = await harness.http.post(url, json=body, headers={"Idempotency-Key": "k-1"})
    other = await harness.http.post(url, json={**body, "outcome": "welcomed"}, headers=key)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")
    assert len(await harness.emitted(LeadTouched)) == 1


async def test_a_refused_command_may_be_tried_again_under_its_key(harness: ServiceHarness) -> None:
    key = {"Idempotency-Key": "early"}
    url = f"/v1/leads/{lead.lead_id}/accept"
    assert (await harness.http.post(url, json={"by": "ann"}, headers=key)).status_code == 404
    await given_a_lead(harness)
    answer = await harness.http.post(url, json={"by": "ann"}, headers=key)
    assert (answer.status_code, "idempotent-replayed" in answer.headers) == (200, False)


async def test_a_key_that_is_bound_to_a_rep_speaks_for_that_rep(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    await harness.raw.execute("update api_keys set rep_id = 'ann'")
    await does(harness, "accept", by="zoe")
    assert (await harness.emitted(LeadAccepted))[0].by == "ann"


@pytest.mark.parametrize(("scopes", "status"), [(["leads:read"], 403), (["leads:work"], 200)])
async def test_working_leads_needs_its_scope(harness: ServiceHarness, scopes: list[str], status: int) -> None:
    """B61, B62."""
    await given_a_lead(harness)
    await harness.raw.execute("update api_keys set scopes = $1", scopes)
    answer = await harness.http.post(f"/v1/leads/{lead.lead_id}/accept", json={"by": "ann"})
    assert answer.status_code == status


async def test_notes_and_context_stay_here(harness: ServiceHarness) -> None:
    """I10: on no topic, and shown to who asks for the lead."""
    await given_a_lead(harness)
    await does(
        harness, "recycle", reason="wrong_size", note="Zyxmark wants 4", context={"employees": 4, "who": "Zyxmark"}
    )
    rows = await harness.raw.fetch("select value from journal where value is not null")
    assert not [row for row in rows if b"Zyxmark" in row["value"]]
    (note,) = (await show(harness))["notes"]
    assert (note["note"], note["context"]["employees"], note["by"]) == ("Zyxmark wants 4", 4, "ann")


async def test_erasure_takes_everything_and_late_facts_do_not_bring_it_back(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    await does(harness, "touches", **CALL)
    await does(harness, "recycle", reason="not_ready", note="x")
    await harness.deliver(lead.erased(START))
    (receipt,) = await harness.emitted(ErasureReceipt)
    assert (receipt.service, receipt.rows > 5) == ("feedback", True)
    await harness.deliver(
        lead.assigned("bob", number=5),
        lead.captured(START + days(1), "demo_request"),
        lead.qualified(),
        lead.warned(START),
    )
    await harness.advance(days(100))
    for table in ("leads", "people", "history", "notes", "evidence", "signals", "timers"):
        assert await harness.raw.fetch(f"select 1 from {table}") == []  # noqa: S608 - the tables above
    tombstones = await harness.raw.fetch(
        "select 1 from journal where topic = $1 and value is null and key = $2",
        LEADS_LIFECYCLE.name,
        str(lead.contact_id),
    )
    assert len(tombstones) == 1
    assert (await refused(harness, 410, "won", by="ann"))["errors"][0]["code"] == "lead_erased"
    assert (await harness.http.get(f"/v1/leads/{lead.lead_id}")).status_code == 410
    assert await harness.emitted(LeadWoken) == []


async def test_the_snapshot_holds_all_cycles_and_is_published_once_a_transaction(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    await does(harness, "recycle", reason="not_ready")
    before = len(await harness.emitted(LeadLifecycle))
    second = LeadStory(cycle=2, start=START + days(95))
    await harness.advance(days(95))
    await harness.deliver(second.qualified(), second.queued())
    snapshots = await harness.emitted(LeadLifecycle)
    assert [event.revision for event in snapshots] == list(range(1, len(snapshots) + 1))
    assert [(cycle.cycle, cycle.state) for cycle in snapshots[-1].cycles] == [(1, "recycled"), (2, "mql")]
    await harness.deliver(*[LeadStory("b").warned(START), LeadStory("b").review_opened(START)])
    assert len(await harness.emitted(LeadLifecycle)) == before + 3  # qualified, queued; and the other contact once


async def test_lists_are_by_state_rep_and_queue_and_paged(harness: ServiceHarness) -> None:
    stories = [LeadStory(f"c{n}", start=START) for n in range(5)]
    for story in stories:
        await harness.deliver(story.qualified(), story.assigned("ann" if story.name != "c4" else "bob"))
    await harness.deliver(stories[0].queued(START, 2, queue="late"))
    page = (await harness.http.get("/v1/leads?rep_id=ann&limit=2")).json()
    rest = (await harness.http.get(f"/v1/leads?rep_id=ann&limit=2&cursor={page['next']}")).json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert [row["queue"] for row in (await harness.http.get("/v1/leads?queue=late")).json()["items"]] == ["late"]
    assert len((await harness.http.get("/v1/leads?state=mql")).json()["items"]) == 5
    assert (await harness.http.get("/v1/leads?state=cold")).status_code == 422


async def test_the_funnel_counts_by_origin_and_by_campaign_with_its_cost(harness: ServiceHarness) -> None:
    """A1, A2, A6, A8, A10."""
    announced = CampaignAnnounced(occurred_at=START, campaign="spring", revision=2, name="Spring", spend=300.0)
    older = CampaignAnnounced(occurred_at=START, campaign="spring", revision=1, name="Old", spend=1.0)
    await harness.deliver(announced, older)
    for n, lead_type in enumerate(["content", "content", "hand_raiser"]):
        story = LeadStory(f"c{n}", start=START)
        await harness.deliver(
            story.captured(facts={"origin": "social" if n else "email"}),
            story.qualified(lead_type=lead_type),
            story.assigned(),
        )
        await does(harness, "accept", story=story)
        if n != 1:
            await does(harness, "confirm", story=story, bant=YES)
    await does(harness, "won", story=LeadStory("c0"), amount=100)
    await does(harness, "recycle", story=LeadStory("c1"), reason="not_ready")

    by_origin = (await harness.http.get("/v1/funnel?by=origin")).json()
    rows = {row["group"]: row for row in by_origin["items"]}
    assert (rows["email"]["won"], rows["social"]["qualified"], rows["social"]["recycled"]) == (1, 2, 1)
    assert rows["email"]["won_amount"] == 100.0
    mqls = by_origin["mql_to_sql"]["mql"]
    assert set(mqls.pop("lists")) == {"qualified", "sql"}
    assert mqls == {
        "qualified": 2, "sql": 1, "rate": 0.5, "interval": [0.0945, 0.9055], "mature": None,
    }  # fmt: skip
    assert by_origin["mql_to_sql"]["hand_raisers"]["rate"] == 1.0
    (spring,) = (await harness.http.get("/v1/funnel?by=campaign&cohort=month")).json()["items"]
    assert (spring["name"], spring["cost_per"]["qualified"], spring["cohort"]) == ("Spring", 100.0, "2026-03")
    for by in ("source", "lead_type", "playbook_version", "week"):
        items = (await harness.http.get(f"/v1/funnel?by={by}&cohort=week")).json()["items"]
        assert sum(row["qualified"] for row in items) == 3
    assert (await harness.http.get("/v1/funnel?by=phase_of_moon")).status_code == 422


async def test_copies_of_the_sums_fold_into_one_and_no_answer_changes(harness: ServiceHarness) -> None:
    """A1: each connection counts in its own copy; what rests is folded, and a late fact is counted all the same."""

    async def answers() -> list[Any]:
        asked = ("by=source&cohort=day", "by=team&cohort=week", "by=campaign&cohort=month", "by=grade&kind=mql")
        return [(await harness.http.get(f"/v1/funnel?{each}")).json() for each in asked]

    for n in range(3):
        story = await given_a_lead(harness, LeadStory(f"c{n}", start=START - days(8 * n)))
        await does(harness, "accept", story=story)
    await harness.raw.execute(
        "with half as (update tallies set leads = leads / 2, accepted = accepted / 2, shard = 1 returning *)"
        ' insert into tallies (dimension, day, "group", kind, shard, leads, accepted)'
        ' select dimension, day, "group", kind, 2, leads, accepted from half'
    )
    before = await answers()
    assert await handlers.fold_some_tallies(harness.service) > 0
    assert await handlers.fold_some_tallies(harness.service) == 0
    assert await answers() == before
    shards = await harness.raw.fetch("select distinct shard from tallies where day < $1", (START - days(7)).date())
    assert [row["shard"] for row in shards] == [-1]
    await does(harness, "confirm", story=LeadStory("c1", start=START - days(8)), bant=YES)
    after = await answers()
    assert sum(item["sql"] for item in after[0]["items"]) == sum(item["sql"] for item in before[0]["items"]) + 1


async def test_reasons_are_listed_with_what_they_need_and_how_often_they_came(harness: ServiceHarness) -> None:
    """F2: the Pareto."""
    for n, reason in enumerate(["not_ready", "not_ready", "competitor"]):
        story = await given_a_lead(harness, LeadStory(f"c{n}", start=START))
        await does(harness, "recycle", story=story, reason=reason)
    first, second, *rest = (await harness.http.get("/v1/reasons")).json()["items"]
    assert (first["reason"], first["leads"], first["share"]) == ("not_ready", 2, 0.6667)
    assert (second["reason"], second["track"], second["cumulative"]) == ("competitor", "competitive", 1.0)
    assert next(row["needs"] for row in rest if row["reason"] == "wrong_size") == ["employees"]


async def test_the_worklist_holds_what_rests_and_what_is_in_review(harness: ServiceHarness) -> None:
    """F18: with the evidence; what woke, won or was answered is not in it."""
    stories = [LeadStory(f"c{n}", start=START) for n in range(4)]
    for story in stories:
        await given_a_lead(harness, story)
    await does(harness, "recycle", story=stories[0], reason="not_ready")
    await does(harness, "recycle", story=stories[1], reason="no_budget")
    await harness.deliver(stories[1].captured(START + days(1), "demo_request"))
    await harness.deliver(
        stories[2].review_opened(START), stories[3].review_opened(START), stories[3].review_met(START)
    )
    items = (await harness.http.get("/v1/worklist")).json()["items"]
    found = {(row["kind"], row["lead_id"]) for row in items}
    assert found == {("returned", str(stories[0].lead_id)), ("review", str(stories[2].lead_id))}
    assert items[0]["evidence"]["readiness"]["points"] == 35.0
    page = (await harness.http.get("/v1/worklist?limit=1")).json()
    rest = (await harness.http.get("/v1/worklist", params={"limit": 1, "cursor": page["next"]})).json()
    assert page["items"] != rest["items"]
    assert len((await harness.http.get("/v1/worklist?track=education")).json()["items"]) == 1
    assert (await harness.http.get("/v1/worklist?cursor=x")).status_code == 422
    assert (await harness.http.get("/v1/worklist?cursor=2026-03-02T09:00:00_" + str(uuid4()))).status_code == 422


async def test_a_company_is_shown_beside_its_lead(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    await harness.deliver(
        AccountChanged(occurred_at=START, domain="customer.example", revision=2, kind="customer", owner="cleo"),
        AccountChanged(occurred_at=START, domain="customer.example", revision=1),
    )
    assert (await show(harness))["account"]["owner"] == "cleo"
    assert (await harness.http.get(f"/v1/leads/{uuid4()}")).status_code == 404
