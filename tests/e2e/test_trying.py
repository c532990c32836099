"""A candidate playbook on a stack that runs: in shadow, and on the history, from the database and from the topics."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from baton import stack as stacks
from baton.cli import run
from baton.database import fetch
from baton.exit_codes import DONE, FOUND_WRONG
from baton.stack import StartOptions
from baton.stack_processes import playbook_directory
from scoring.domain.history import ACCOUNT_USE
from tests.e2e.conftest import A_MONDAY, free_base
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A stack of its own: what is simulated is its whole history, and other tests' people are part of theirs."""
    data = tmp_path_factory.mktemp("trying") / "d"
    stack = stacks.start_detached(StartOptions(str(data), free_base(), "stepped", A_MONDAY))
    try:
        async with World(stack) as world:
            yield world
    finally:
        stacks.stop_stack(Path(data))


ON_NO_TOPIC = "select count(*) as rows from engagements where source = 'override' or engagement = $1"
"""What scoring alone knows: what somebody decided by hand, and what it made itself of an account's use."""


async def output_of(world: World, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run a command on the world's stack; return the document it prints."""
    capsys.readouterr()
    command = ["playbook", *arguments, "--data", str(world.stack.data_dir.directory)]
    assert await asyncio.to_thread(run, command) == DONE
    out = capsys.readouterr().out
    return json.loads(out) if out else None


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """A playbook for which one webinar is readiness enough."""
    rules = yaml.safe_load((playbook_directory() / "scoring.yaml").read_text())
    rules["readiness"]["levels"] = {1: 40, 2: 15, 3: 5}
    path = tmp_path / "scoring.yaml"
    path.write_text(yaml.safe_dump(rules))
    return path


async def test_a_candidate_is_tried_in_shadow_and_on_the_history_and_nothing_is_published(
    world: World, candidate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """D10, Q16: what is in force goes on alone; the candidate's lead is in the report and on no topic."""
    await output_of(world, capsys, "shadow", "start", str(candidate), "--by", "mia")
    listener = await world.somebody_submits("webinar_attended")
    raiser = await world.somebody_submits("contact_sales")
    await world.reads("lead.qualified.v1", raiser)
    await world.settled()

    report = await output_of(world, capsys, "shadow", "report", "--json")
    differing = {row["contact_id"] for row in report["differing"]}
    assert listener in differing
    assert raiser not in differing
    assert report["contacts"]["the same"] >= 1
    assert report["contacts"]["a lead by the candidate alone"] >= 1
    assert not await world.read("lead.qualified.v1", listener)
    await output_of(world, capsys, "shadow", "stop", "--by", "mia")

    ways = ("database", "topics", "2026-03-02")
    out = ["--report", str(tmp_path / "out"), "--json"]
    found = [
        await output_of(world, capsys, "simulate", "--playbook", str(candidate), "--from", way, *out) for way in ways
    ]
    for row in found:
        assert row["moves"]["becomes a lead"] >= 1
        assert listener in {moved["contact_id"] for moved in row["moved"]}
        assert row["candidate"]["leads"] > row["in_force"]["leads"]
    [own] = await fetch(world.stack.databases["scoring"], ON_NO_TOPIC, ACCOUNT_USE)
    assert found[0]["engagements"] == found[1]["engagements"] + own["rows"]
    assert "becomes a lead" in (tmp_path / "out" / "index.html").read_text()


async def test_a_history_that_is_too_short_to_learn_from_is_refused(world: World, tmp_path: Path) -> None:
    """Q18: a calibration from the stack's own leads says what is missing."""
    arguments = ["playbook", "calibrate", "--from-history", "--report", str(tmp_path / "out")]
    assert await asyncio.to_thread(run, [*arguments, "--data", str(world.stack.data_dir.directory)]) == FOUND_WRONG
    assert not (tmp_path / "out").exists()


async def test_past_leads_are_given_out_again_under_another_roster(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """R10: load for each rep, fairness, waiting and what would be missed, for programs and for people."""
    for _ in range(5):
        contact = await world.somebody_submits("demo_request")
        await world.reads("lead.assigned.v1", contact)
        await world.time_passes("1h")
    rules = yaml.safe_load((playbook_directory() / "routing.yaml").read_text())
    rules["reps"] = {"solo": {"team": "inbound", "capacity": {"per_day": 1}}}
    few = tmp_path / "routing.yaml"
    few.write_text(yaml.safe_dump(rules))

    now = await output_of(world, capsys, "simulate-routing", "--json")
    assert now["leads"] >= 5
    inbound = {row["rep_id"]: row for row in now["reps"] if row["team"] == "inbound"}
    assert set(inbound) == {f"inbound-{n}" for n in range(1, 5)}
    assert all(abs(row["off_share"]) <= 1 for row in inbound.values())
    assert all(line["longest_seconds"] == 0 for line in now["queues"] if line["queue"] == "hand-raisers")

    then = await output_of(world, capsys, "simulate-routing", str(few), "--written-roster", "--json")
    assert then["leads"] == now["leads"]
    assert {row["rep_id"] for row in then["reps"]} == {"solo"}
    assert then["still_waiting"] >= 4
    assert then["predicted_breaches"] >= 3  # a hand-raiser's first touch is due in a quarter of an hour

    arguments = [
        "playbook",
        "simulate-routing",
        str(few),
        "--written-roster",
        "--data",
        str(world.stack.data_dir.directory),
    ]
    assert await asyncio.to_thread(run, arguments) == DONE
    text = capsys.readouterr().out
    for title in ("Load of each rep", "solo", "off share", "hand-raisers", "predicted breaches", "still waiting"):
        assert title in text
    assert "_seconds" not in text

    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("rules: []")
    arguments[2] = str(wrong)
    assert await asyncio.to_thread(run, arguments) == FOUND_WRONG
    assert "no routing playbook" in capsys.readouterr().err
