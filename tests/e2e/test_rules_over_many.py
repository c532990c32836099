"""Rules that change reach those who are known already, some a day, and say how many and who (issue 15, point 3)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from baton import auditing, known_contacts
from baton import stack as stacks
from baton.stack import StartOptions
from baton.stack_processes import playbook_directory
from tests.e2e.conftest import A_MONDAY, free_base
from tests.e2e.heads import activate
from tests.e2e.world import Record, World

pytestmark = pytest.mark.e2e

KNOWN, AT_ONCE, A_DAY = 10_000, 1_000, 40


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A stack of its own: its rules change."""
    data = tmp_path / "d"
    stack = stacks.start_detached(StartOptions(str(data), free_base(), "stepped", A_MONDAY))
    try:
        async with World(stack) as world:
            yield world
    finally:
        stacks.stop_stack(data)


@pytest.fixture
def loosened(tmp_path: Path) -> Path:
    """The rules under which one webinar is readiness enough."""
    folder = tmp_path / "playbook"
    folder.mkdir()
    for source in playbook_directory().glob("*.yaml"):
        (folder / source.name).write_text(source.read_text())
    rules = yaml.safe_load((folder / "scoring.yaml").read_text())
    rules["readiness"]["levels"] = {1: 40, 2: 15, 3: 5}
    (folder / "scoring.yaml").write_text(yaml.safe_dump(rules))
    return folder


async def many_attend_a_webinar(world: World) -> None:
    at = (await world.now()).isoformat()
    for first in range(0, KNOWN, AT_ONCE):
        people = [
            {
                "email": f"ada@known-{n}.example", "company": f"Known {n}", "job_title": "Head of Marketing",
                "country": "DE", "industry": "software", "employees": 250, "source": "webinar",
                "engagement": "webinar_attended", "occurred_at": at,
            }
            for n in range(first, first + AT_ONCE)
        ]  # fmt: skip
        answer = await world.http.post(f"{world.stack.urls['capture']}/v1/contacts/batch", json=people)
        assert answer.is_success, answer.text
        await world.settled()


async def put_in_force(world: World, folder: Path, *more: str) -> dict[str, Any]:
    """Put rules in force a minute after those before; return the run over everybody who is known."""
    await world.time_passes("1m")
    await asyncio.to_thread(activate, world.stack.data_dir.directory, folder, *more)
    await world.time_passes("1m")
    return await last_run(world)


async def last_run(world: World) -> dict[str, Any]:
    found: dict[str, Any] = (await world.get("scoring", "/v1/reevaluations"))["items"][0]
    return found


async def sentence_about(world: World, run: dict[str, Any]) -> str:
    """Return the sentence in which whoever put the rules in force reads it."""
    found = await known_contacts.await_reevaluation(world.stack, run["version"])
    assert found is not None
    return known_contacts.describe_changes(found)


async def changed_by(world: World, reevaluation: dict[str, Any], change: str) -> set[str]:
    """Return the leads that a run says it changed so, from all pages of its list."""
    rows = await world.listed("scoring", f"/v1/reevaluations/{reevaluation['reevaluation_id']}/leads")
    return {row["lead_id"] for row in rows if row["change"] == change}


async def published(world: World, kind: str) -> dict[str, Record]:
    await world.listen()
    return {record.value["lead_id"]: record for record in world.records if record.kind == kind}


async def test_a_rule_is_loosened_and_tightened_over_ten_thousand_known_contacts(world: World, loosened: Path) -> None:
    """Forty a day become leads, and cool when the rules are taken back; whoever was called keeps theirs."""
    await many_attend_a_webinar(world)
    assert not await published(world, "lead.qualified.v1")

    loose = await put_in_force(world, loosened, f"--new-leads={A_DAY}/day")
    assert (loose["qualified"], loose["finished_at"], loose["most_qualified_a_day"]) == (A_DAY, None, A_DAY)
    assert f"so far, and goes on: {A_DAY} new leads" in await sentence_about(world, loose)
    await world.time_passes("1d")
    loose = await last_run(world)
    assert loose["qualified"] == 2 * A_DAY
    leads = await published(world, "lead.qualified.v1")
    assert set(leads) == await changed_by(world, loose, "qualified")
    assert len(leads) == 2 * A_DAY

    called = sorted(leads)[:2]
    for lead_id in called:
        assigned = await world.reads("lead.assigned.v1", leads[lead_id].key)
        await world.the_rep_says(assigned, "touches", kind="call", outcome="welcomed")
    await world.settled()
    tight = await put_in_force(world, playbook_directory())
    assert (tight["qualified"], tight["cooled"]) == (0, 2 * A_DAY - len(called))
    cooled = await published(world, "lead.cooled.v1")
    assert set(cooled) == await changed_by(world, tight, "cooled") == set(leads) - set(called)
    assert tight["finished_at"] is not None
    assert tight["evaluated"] == KNOWN
    assert await sentence_about(world, tight) == f"{KNOWN:,} known contacts evaluated again: {len(cooled)} returned"

    listed = await put_in_force(world, loosened, "--new-leads=list")
    would = await changed_by(world, listed, "would_qualify")
    assert len(would) == listed["would_qualify"] >= KNOWN - 2 * A_DAY
    assert not would & set(leads)
    assert set(await published(world, "lead.qualified.v1")) == set(leads), "nothing is made of what is only listed"
    found = await auditing.audit(world.stack)
    assert [check for check in found["checks"] if check["residual"]] == []
