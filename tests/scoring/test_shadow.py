"""A candidate in shadow: it decides about the same people at the same time, and nothing of it is published (Q16)."""

from typing import Any
from uuid import UUID, uuid4

import yaml

from events.contacts import ContactErased
from events.leads import LeadQualified
from events.runtime.testing import ServiceHarness
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
