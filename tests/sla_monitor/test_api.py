"""What people may ask sla-monitor."""

from collections.abc import Mapping
from typing import Any

import pytest

from events.runtime.testing import START, ServiceHarness
from tests.sla_monitor.lead_story import Story, days, hours


async def ask(harness: ServiceHarness, path: str, **params: Any) -> dict[str, Any]:
    answer = await harness.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def paged(harness: ServiceHarness, path: str, limit: int, **params: Any) -> list[Mapping[str, Any]]:
    """All items, page by page."""
    items: list[Mapping[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = await ask(harness, path, limit=limit, **cursor, **params)
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}


async def a_busy_week(harness: ServiceHarness) -> None:
    """Ann keeps her promise, Bob is late, Cy misses it, and one lead waits in the queue."""
    ann, bob, cy, nobody = (Story(name=name) for name in ("ann", "bob", "cy", "nobody"))
    await harness.deliver(
        ann.assigned("ann"), bob.assigned("bob", team="development"), cy.assigned("cy"), nobody.queued()
    )
    await harness.deliver(*(story.accepted(START) for story in (ann, bob, cy)))
    await harness.deliver(ann.touched(START + hours(2)))
    await harness.advance(hours(60))
    await harness.deliver(bob.touched(START + hours(50)))


async def test_clocks_come_in_pages_with_the_next_to_fall_due_first(harness: ServiceHarness) -> None:
    await a_busy_week(harness)
    whole = (await ask(harness, "/v1/clocks", limit=1000))["items"]
    assert len(whole) == 4 * 4 + 3
    due = [item["due_at"] or "9" for item in whole]
    assert due == sorted(due)
    for limit in (1, 4, 7):
        assert await paged(harness, "/v1/clocks", limit) == whole
    until = "2026-03-10T00:00:00+00:00"
    due = [each for each in whole if each["due_at"] is not None and each["due_at"] < until]
    assert 0 < len(due) < len(whole)
    assert await paged(harness, "/v1/clocks", 2, due_before=until) == due


@pytest.mark.parametrize("sort", ["-due_at", "started_at", "-started_at", "breached_at", "-breached_at"])
async def test_clocks_come_in_the_order_that_was_asked_for(harness: ServiceHarness, sort: str) -> None:
    """What has not happened comes last either way."""
    await a_busy_week(harness)
    whole = (await ask(harness, "/v1/clocks", limit=1000, sort=sort))["items"]
    at = [item[sort.removeprefix("-")] for item in whole]
    known = [each for each in at if each is not None]
    assert known
    assert at == sorted(known, reverse=sort.startswith("-")) + [None] * (len(at) - len(known))
    for limit in (1, 4):
        assert await paged(harness, "/v1/clocks", limit, sort=sort) == whole


async def test_a_clock_names_the_company_behind_its_lead(harness: ServiceHarness) -> None:
    lead = Story()
    await harness.deliver(lead.qualified(company="Works"), lead.assigned())
    await harness.advance(days(3))
    for path in ("/v1/clocks", "/v1/breaches"):
        assert {item["company"] for item in await paged(harness, path, 2)} == {"Works"}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"rep_id": "ann"}, 5),
        ({"team": "development"}, 5),
        ({"state": "met_late"}, 1),
        ({"state": "running", "clock": "review"}, 4),
        ({"ownerless": "true"}, 4),
        ({"lead_id": str(Story(name="cy").lead_id), "clock": "first_touch"}, 1),
        ({"contact_id": str(Story(name="cy").contact_id)}, 5),
        ({"rep_id": "ann", "team": "development"}, 0),
    ],
)
async def test_clocks_are_found_by_lead_rep_team_and_state(
    harness: ServiceHarness, filters: dict[str, str], found: int
) -> None:
    await a_busy_week(harness)
    assert len(await paged(harness, "/v1/clocks", 2, **filters)) == found


async def test_breaches_are_what_was_missed_and_not_taken_back(harness: ServiceHarness) -> None:
    """L7: which leads of a team were ignored."""
    await a_busy_week(harness)
    items = await paged(harness, "/v1/breaches", 1)
    assert {(item["rep_id"], item["state"]) for item in items} == {
        ("bob", "met_late"),
        ("cy", "breached"),
        (None, "breached"),
    }
    assert [item["overdue_seconds"] for item in items if item["rep_id"] == "bob"] == [7200.0]
    assert [item["overdue_seconds"] for item in items if item["rep_id"] == "cy"] == [12 * 3600.0]
    assert len(await paged(harness, "/v1/breaches", 1, state="breached", team="inbound")) == 2
    assert len(await paged(harness, "/v1/breaches", 1, rep_id="bob", clock="first_touch", policy="standard")) == 1


async def test_attainment_is_the_share_of_what_was_due_that_was_kept(harness: ServiceHarness) -> None:
    """Attainment = (met + rescinded) / due; met late is a miss; each lead counts once a clock."""
    await a_busy_week(harness)
    items = await paged(harness, "/v1/compliance", 1, by="policy")
    (first,) = [item for item in items if item["clock"] == "first_touch"]
    assert (first["key"], first["due"], first["met"], first["met_late"], first["breached"]) == ("standard", 4, 1, 1, 2)
    assert first["attainment"] == 0.25
    (speed,) = [item for item in items if item["clock"] == "speed_to_lead"]
    assert (speed["due"], speed["attainment"], speed["median_seconds"]) == (0, None, 26 * 3600.0)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("team", {"inbound", "development"}),
        ("rep", {"ann", "bob", "cy", None}),
        ("policy", {"standard"}),
        ("week", {"2026-W10", "2026-W14", "2026-W22"}),
    ],
)
async def test_compliance_is_shown_by_team_rep_policy_and_week(
    harness: ServiceHarness, by: str, keys: set[str]
) -> None:
    await a_busy_week(harness)
    items = await paged(harness, "/v1/compliance", 3, by=by)
    assert {item["key"] for item in items} == keys
    assert sum(item["due"] for item in items if item["clock"] == "first_touch") == 4


async def test_compliance_may_be_asked_for_a_span_of_time(harness: ServiceHarness) -> None:
    await a_busy_week(harness)
    span = {"since": (START + days(2)).isoformat(), "until": (START + days(3)).isoformat()}
    assert {item["clock"] for item in await paged(harness, "/v1/compliance", 10, **span)} == {"first_touch"}


async def test_a_lead_that_several_reps_missed_counts_once(harness: ServiceHarness) -> None:
    lead = Story(lead_type="hand_raiser")
    await harness.deliver(lead.assigned("ann"))
    await harness.advance(hours(1))
    await harness.deliver(lead.assigned("bob", START + hours(1), 2))
    await harness.advance(hours(1))
    (item,) = [item for item in await paged(harness, "/v1/compliance", 10) if item["clock"] == "acceptance"]
    assert (item["due"], item["breached"]) == (1, 1)


async def test_the_policies_in_force_can_be_read(harness: ServiceHarness) -> None:
    """L4, L12."""
    page = await ask(harness, "/v1/policies")
    assert page["items"][0]["name"] == "hand_raiser_of_poor_fit"
    hand_raiser = next(policy for policy in page["items"] if policy["name"] == "hand_raiser")
    assert (hand_raiser["accept"], hand_raiser["first_touch"], hand_raiser["second_touch"]) == ("5b", "15b", "7d")
    review = {"opens": "60d", "decides": "90d", "unreachable_after": 6, "unreachable_over": "10d"}
    assert page["review"] == review
    assert page["calendars"]["office"]["mon"] == ["09:00-18:00"]
    assert page["playbook_version"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/clocks?lead_id=x", "lead_id"),
        ("/v1/clocks?state=late", "state"),
        ("/v1/clocks?limit=0", "limit"),
        ("/v1/clocks?limit=1001", "limit"),
        ("/v1/clocks?cursor=!", "cursor"),
        ("/v1/clocks?cursor=W10", "cursor"),
        ("/v1/clocks?cursor=WyJ4IiwieCJd", "cursor"),
        ("/v1/breaches?cursor=WzEsMl0", "cursor"),
        ("/v1/breaches?state=met", "state"),
        ("/v1/compliance?by=person", "by"),
        ("/v1/compliance?since=2026-01-01T00:00:00", "since"),
        ("/v1/compliance?cursor=e30", "cursor"),
    ],
)
async def test_a_question_that_makes_no_sense_is_a_problem_that_names_the_field(
    harness: ServiceHarness, path: str, field: str
) -> None:
    answer = await harness.http.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field


async def test_nobody_asks_without_a_key(harness: ServiceHarness) -> None:
    for path in ("/v1/clocks", "/v1/breaches", "/v1/policies", "/v1/compliance"):
        assert (await harness.http.get(path, headers={"Authorization": "Bearer nothing"})).status_code == 401
