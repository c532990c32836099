"""Keys that are for some leads see these leads' clocks, misses and reviews, and nobody else's (X49)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from events.runtime import security
from events.runtime.testing import ServiceHarness
from sla_monitor.app import service
from tests.sla_monitor.domain_harness import FOLDER
from tests.sla_monitor.lead_story import Story, days, hours, minutes

MINE, OTHERS = Story(name="mine"), Story(name="others")


@pytest.fixture
async def harness(databases: Callable[[str], Awaitable[str]]) -> AsyncIterator[ServiceHarness]:
    """Sla-monitor, with one lead of ann's and one of bob's, who is in another team; both missed their first touch."""
    async with ServiceHarness.open(service, await databases("sla-monitor")) as opened:
        async with opened.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(FOLDER), by="default", approvals=[])
        await opened.deliver(MINE.assigned("ann"), OTHERS.assigned("bob", team="development"))
        await opened.advance(hours(60))
        yield opened


async def bearer(harness: ServiceHarness, **more: Any) -> dict[str, str]:
    key_id, key, digest = security.draw_key()
    await security.insert_key(harness.raw, key_id=key_id, digest=digest, scopes=["leads:read", "leads:work"], **more)
    return {"Authorization": f"Bearer {key}"}


async def items(harness: ServiceHarness, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = await harness.http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def leads_in(harness: ServiceHarness, path: str, headers: dict[str, str]) -> set[str]:
    return {item["lead_id"] for item in await items(harness, path, headers)}


async def comment(harness: ServiceHarness, story: Story, headers: dict[str, str]) -> httpx.Response:
    body = {"by": "somebody", "comment": "no budget before spring"}
    return await harness.http.post(f"/v1/reviews/{story.lead_id}/comments", json=body, headers=headers)


@pytest.mark.parametrize("path", ["/v1/clocks", "/v1/breaches", "/v1/reviews"])
async def test_lists_hold_the_leads_in_reach_whatever_is_asked_for(harness: ServiceHarness, path: str) -> None:
    await harness.advance(days(61))
    mine, others = {str(MINE.lead_id)}, {str(OTHERS.lead_id)}
    assert await leads_in(harness, path, await bearer(harness)) == mine | others
    for found, holder in (
        (mine, {"role": "rep", "rep_id": "ann"}),
        (others, {"role": "rep", "rep_id": "bob"}),
        (mine, {"role": "manager", "team": "inbound"}),
        (others, {"role": "manager", "team": "development"}),
        (set(), {"role": "rep", "rep_id": "cy"}),
    ):
        key = await bearer(harness, **holder)
        assert await leads_in(harness, path, key) == found, holder
        assert await leads_in(harness, f"{path}?rep_id=bob", key) == found & others, holder
        assert await leads_in(harness, f"{path}?team=inbound", key) == found & mine, holder


async def test_clocks_and_misses_follow_the_lead(harness: ServiceHarness) -> None:
    """Who gets a lead sees what was missed before; who had it sees nothing of it any more."""
    ann, bob = await bearer(harness, role="rep", rep_id="ann"), await bearer(harness, role="rep", rep_id="bob")
    both = {str(MINE.lead_id), str(OTHERS.lead_id)}
    await harness.deliver(MINE.assigned("bob", MINE.start + hours(61), 2))
    for path in ("/v1/clocks", "/v1/breaches"):
        assert await leads_in(harness, path, ann) == set()
        assert await leads_in(harness, path, bob) == both


async def test_comments_are_for_the_leads_in_reach_and_say_whose_key_it_was(harness: ServiceHarness) -> None:
    ann = await bearer(harness, role="rep", rep_id="ann")
    manager = await bearer(harness, role="manager", team="development")
    assert [(await comment(harness, story, ann)).status_code for story in (MINE, OTHERS)] == [204, 403]
    assert [(await comment(harness, story, manager)).status_code for story in (MINE, OTHERS)] == [403, 204]
    assert (await comment(harness, Story(name="unknown"), ann)).status_code == 404
    rows = await harness.raw.fetch("select lead_id, by from comments")
    assert {(row["lead_id"], row["by"]) for row in rows} == {(MINE.lead_id, "ann"), (OTHERS.lead_id, "somebody")}


@pytest.mark.parametrize("by", ["team", "rep", "policy", "week"])
async def test_a_manager_reads_the_compliance_of_the_team(harness: ServiceHarness, by: str) -> None:
    """A clock counts for the team for which it ran, wherever its lead went since."""
    await harness.deliver(MINE.assigned("bob", MINE.start + hours(60) + minutes(1), 2, team="development"))
    path = f"/v1/compliance?by={by}"
    for team, rep in (("inbound", "ann"), ("development", "bob")):
        found = await items(harness, path, await bearer(harness, role="manager", team=team))
        missed = [item for item in found if item["clock"] == "first_touch"]
        assert sum(item["breached"] for item in missed) == 1, found
        if by in ("team", "rep"):
            assert {item["key"] for item in found} == {team if by == "team" else rep}
    assert (await harness.http.get(path, headers=await bearer(harness, role="rep", rep_id="ann"))).status_code == 403
    whole = await items(harness, path, await bearer(harness))
    assert sum(item["breached"] for item in whole if item["clock"] == "first_touch") == 2
