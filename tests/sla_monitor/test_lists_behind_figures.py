"""Every figure of promises opens exactly the list that it counts (issue 14, point 10)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from events.runtime.testing import START, ServiceHarness
from tests.sla_monitor.lead_story import Story, days, hours, minutes
from tests.sla_monitor.test_api import ask, paged

REPORTS = (
    "/v1/compliance?by=team", "/v1/compliance?by=rep", "/v1/compliance?by=policy", "/v1/compliance?by=week",
    "/v1/compliance?by=rep&since=2026-03-03T00:00:00%2B00:00&until=2026-03-07T00:00:00%2B00:00",
    "/v1/breaches/ages?by=team", "/v1/breaches/ages?by=rep", "/v1/breaches/ages?by=policy",
    "/v1/breaches/ages?by=clock", "/v1/ignored",
)  # fmt: skip


async def played(harness: ServiceHarness) -> None:
    """Promises kept, kept late, missed, taken back and given up; leads that went on, that nobody has, and a deal."""
    kept, late, missed, moved, queued, over, deal, proved = (
        Story(name=name, lead_type="hand_raiser" if name in ("late", "deal") else "content")
        for name in ("kept", "late", "missed", "moved", "queued", "over", "deal", "proved")
    )
    await harness.deliver(
        kept.assigned("ann"), late.assigned("bob", team="west"), missed.assigned("cy"), moved.assigned("ann"),
        queued.queued(), over.assigned("bob", team="west"), deal.assigned("cy"), proved.assigned("ann"),
    )  # fmt: skip
    await harness.deliver(kept.accepted(START), kept.touched(START + hours(2)), over.recycled(START + hours(3)))
    await harness.advance(hours(30))
    await harness.deliver(late.touched(START + hours(30), "bob"), deal.opportunity(START + hours(30), "cy"))
    later = START + hours(30)
    await harness.deliver(moved.assigned("bob", team="west", at=later, handed_over_at=later, number=2))
    await harness.advance(days(3))
    await harness.deliver(proved.touched(START + hours(5)))
    fresh = Story(name="fresh", lead_type="hand_raiser")
    now = await harness.now
    await harness.deliver(fresh.assigned("ann", at=now, handed_over_at=now))
    await harness.advance(minutes(40))


def figures(items: list[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    for item in items:
        for name, address in item["lists"].items():
            yield item[name], address


@pytest.mark.parametrize("report", REPORTS)
async def test_each_number_is_as_long_as_its_list(harness: ServiceHarness, report: str) -> None:
    await played(harness)
    items = (await ask(harness, report))["items"]
    found = list(figures(items))
    assert any(count for count, _ in found)
    for count, address in found:
        asked = urlsplit(address)
        listed = await paged(harness, asked.path, 2, **dict(parse_qsl(asked.query)))
        assert len(listed) == count, address
        assert len({row["clock_id"] for row in listed}) == count


async def test_a_lead_that_two_reps_had_counts_once_for_their_team_by_what_went_worst(harness: ServiceHarness) -> None:
    lead = Story(name="twice")
    await harness.deliver(lead.assigned("ann"), lead.accepted(START))
    later = START + days(1)
    await harness.advance(days(1))
    await harness.deliver(lead.assigned("bob", at=later, handed_over_at=later, number=2))
    await harness.advance(days(4))
    of_team = [row for row in (await ask(harness, "/v1/compliance"))["items"] if row["clock"] == "acceptance"]
    assert [(row["met"], row["breached"]) for row in of_team] == [(0, 1)]
    (row,) = await paged(harness, "/v1/clocks", 1, counted="breached", team="inbound", clock="acceptance")
    assert (row["rep_id"], row["state"]) == ("bob", "breached")
    assert await paged(harness, "/v1/clocks", 1, counted="met", team="inbound", clock="acceptance") == []


async def test_open_misses_leave_out_who_has_an_opportunity(harness: ServiceHarness) -> None:
    """Worked deals are no misses to chase (ADR 0060)."""
    lead = Story(name="deal", lead_type="hand_raiser")
    await harness.deliver(lead.assigned())
    await harness.advance(hours(2))
    before = (await ask(harness, "/v1/breaches/ages"))["items"]
    assert sum(row["breaches"] for row in before) == 2
    await harness.deliver(lead.opportunity(START + hours(2)))
    assert (await ask(harness, "/v1/breaches/ages"))["items"] == []


async def test_what_is_behind_a_share_is_found_by_its_clock_and_day(harness: ServiceHarness) -> None:
    await harness.raw.execute("set enable_seqscan = off")
    plan = await harness.raw.fetch(
        "explain select * from clocks where clock = 'first_touch' and state = any($1)"
        " and coalesce(due_at, started_at) >= $2 and coalesce(due_at, started_at) < $3",
        ["met"], START, START + days(7),
    )  # fmt: skip
    await harness.raw.execute("reset enable_seqscan")
    assert "clocks_by_date" in "\n".join(row[0] for row in plan)


OUTCOMES = {"kept": {"met", "rescinded"}, "missed": {"breached", "met_late"}, "late": {"met_late"}}


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_promises_are_listed_by_how_each_came_out(harness: ServiceHarness, outcome: str) -> None:
    """As the weekly digest counts them: every run of a clock, not each lead once."""
    await played(harness)
    listed = await paged(harness, "/v1/clocks", 2, outcome=outcome)
    clocks = await paged(harness, "/v1/clocks", 100)
    assert listed
    assert {row["clock_id"] for row in listed} == {
        row["clock_id"] for row in clocks if row["state"] in OUTCOMES[outcome]
    }
