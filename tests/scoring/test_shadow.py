"""A candidate in shadow: it decides about the same people at the same time, and nothing of it is published (Q16)."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import yaml

from events.contacts import ContactErased
from events.leads import LeadQualified
from events.runtime.testing import ServiceHarness
from scoring.domain import ComparedLead, compare_leads
from tests.scoring.builders import ANN, IDEAL, ROOT, captured, day, recycled

BOB = UUID("0b0b0b0b-0000-4000-8000-000000000002")


def looser() -> str:
    """Write a candidate that takes one webinar for readiness enough."""
    rules = yaml.safe_load((ROOT / "deploy/playbook/scoring.yaml").read_text())
    rules["readiness"]["levels"] = {1: 40, 2: 15, 3: 5}
    return str(yaml.safe_dump(rules))


async def start(harness: ServiceHarness, body: str) -> None:
    await harness.raw.execute(
        "insert into shadows (shadow_id, version, body, started_at, started_by) values ($1, 'next', $2, $3, 'mia')",
        uuid4(),
        body,
        day(0),
    )


async def asked(harness: ServiceHarness, method: str, path: str, **body: str) -> dict[str, Any]:
    answer = await harness.http.request(method, path, json=body or None)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def recorded(harness: ServiceHarness) -> list[tuple[Any, ...]]:
    rows = await harness.raw.fetch(
        "select contact_id, cycle, lead_type, outcome, opened_at from shadow_leads order by 5"
    )
    return [tuple(row) for row in rows]


async def test_what_the_candidate_would_have_published_is_recorded_and_never_sent(harness: ServiceHarness) -> None:
    await start(harness, looser())
    await harness.deliver(captured("webinar_attended", **IDEAL))
    assert await harness.emitted(LeadQualified) == []
    assert await recorded(harness) == [(ANN, 1, "webinar", "mql", day(0))]


async def test_both_are_asked_about_the_same_people_each_time_and_twice_records_once(harness: ServiceHarness) -> None:
    await start(harness, looser())
    for _ in range(2):
        await harness.deliver(captured("contact_sales", **IDEAL), captured("email_click", contact=BOB, **IDEAL))
    assert len(await harness.emitted(LeadQualified)) == 1
    assert await recorded(harness) == [(ANN, 1, "hand_raiser", "hand_raiser", day(0))]


async def test_a_stronger_request_later_makes_the_recorded_lead_stronger(harness: ServiceHarness) -> None:
    await start(harness, looser())
    await harness.deliver(captured("webinar_attended", **IDEAL))
    await harness.deliver(captured("contact_sales", 1, **IDEAL))
    assert await recorded(harness) == [(ANN, 1, "hand_raiser", "hand_raiser", day(0))]


async def test_the_end_of_a_cycle_is_what_both_share(harness: ServiceHarness) -> None:
    await start(harness, looser())
    await harness.deliver(captured("contact_sales", **IDEAL))
    await harness.deliver(recycled(2))
    await harness.deliver(captured("contact_sales", 5, name="again", **IDEAL))
    assert [(cycle, at) for _, cycle, _, _, at in await recorded(harness)] == [(1, day(0)), (2, day(5))]


async def test_without_a_candidate_or_after_it_was_stopped_nothing_is_recorded(harness: ServiceHarness) -> None:
    await harness.deliver(captured("webinar_attended", **IDEAL))
    await start(harness, looser())
    await harness.raw.execute("update shadows set stopped_at = started_at")
    await harness.deliver(captured("webinar_attended", contact=BOB, **IDEAL))
    assert await recorded(harness) == []


async def test_a_candidate_that_cannot_be_read_stops_and_holds_nothing_up(harness: ServiceHarness) -> None:
    await start(harness, "fit: of another time")
    await harness.deliver(captured("contact_sales", **IDEAL))
    assert len(await harness.emitted(LeadQualified)) == 1
    assert await recorded(harness) == []
    assert [row["stopped_by"] for row in await harness.raw.fetch("select stopped_by from shadows")] == [
        "scoring: it failed"
    ]


async def test_erasing_a_contact_deletes_what_the_candidate_decided_about_it(harness: ServiceHarness) -> None:
    await start(harness, looser())
    await harness.deliver(captured("webinar_attended", **IDEAL))
    await harness.deliver(ContactErased(occurred_at=day(1), contact_id=ANN, erasure_id=BOB))
    assert await recorded(harness) == []


async def test_a_candidate_is_started_compared_and_stopped_over_http(harness: ServiceHarness) -> None:
    started = await asked(harness, "POST", "/v1/shadows", body=looser(), by="mia")
    await harness.deliver(captured("webinar_attended", **IDEAL), captured("contact_sales", contact=BOB, **IDEAL))
    found = await asked(harness, "GET", "/v1/shadows/last")
    assert (found["version"], found["started_by"], found["stopped_at"]) == (started["version"], "mia", None)
    assert found["contacts"] == {"the same": 1, "a lead by the candidate alone": 1}
    assert (found["leads_in_force"], found["leads_candidate"]) == (1, 2)
    assert [(lead["contact_id"], lead["candidate"]) for lead in found["differing"]] == [(str(ANN), "webinar")]
    assert await asked(harness, "POST", "/v1/shadows/stop", by="eva") == started
    assert (await asked(harness, "GET", "/v1/shadows/last"))["stopped_by"] == "eva"
    assert (await harness.http.post("/v1/shadows/stop", json={"by": "eva"})).json()["errors"][0]["code"] == (
        "candidate_missing"
    )


async def test_starting_another_candidate_stops_the_one_that_runs(harness: ServiceHarness) -> None:
    for by in ("mia", "eva"):
        await asked(harness, "POST", "/v1/shadows", body=looser(), by=by)
        await harness.advance(timedelta(minutes=1))
    rows = await harness.raw.fetch("select started_by, stopped_by from shadows order by started_at")
    assert [tuple(row) for row in rows] == [("mia", "eva"), ("eva", None)]


async def test_what_is_no_scoring_playbook_is_refused_with_its_fault(harness: ServiceHarness) -> None:
    for body, code in (("fit: of another time", "model_type"), ("a: [", "yaml_invalid")):
        answer = await harness.http.post("/v1/shadows", json={"body": body, "by": "mia"})
        assert answer.status_code == 422
        assert code in [each["code"] for each in answer.json()["errors"]]
    assert (await harness.http.get("/v1/shadows/last")).status_code == 404


def compared(in_force: str | None, candidate: str | None, *, grades: str = "AA", won: bool = False) -> ComparedLead:
    return ComparedLead(ANN, in_force, candidate, grades[0], grades[1], day(0), won)


def test_a_contact_is_a_lead_for_both_for_one_alone_of_another_type_or_grade() -> None:
    """Q16. Wins are counted for each side that made the contact a lead."""
    found = compare_leads(
        [
            compared("webinar", "webinar", won=True),
            compared("webinar", None),
            compared(None, "content", won=True),
            compared("content", "hand_raiser"),
            compared("content", "content", grades="AB"),
        ]
    )
    assert found.contacts == {
        "the same": 1,
        "a lead in force alone": 1,
        "a lead by the candidate alone": 1,
        "another lead type": 1,
        "another grade": 1,
    }
    assert (found.leads_in_force, found.leads_candidate) == (4, 4)
    assert (found.won_in_force, found.won_candidate) == (1, 2)
    assert [lead.difference for lead in found.differing] == list(found.contacts)[1:]
