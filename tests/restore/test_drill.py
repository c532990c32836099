"""X47: all but routing, each alone, put back to an older instant; what the page says then heals it."""

import asyncio
import json
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from baton import stack as stacks
from baton.cli import run
from baton.exit_codes import DONE
from baton.stack import Options, Stack
from events.topics import SERVICES
from tests.e2e.conftest import A_MONDAY, free_base
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


@dataclass
class Drill:
    """A stack, its backup, and whom the world knows since."""

    data: Path
    backup: Path
    known: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)

    @property
    def stack(self) -> Stack:
        return Stack.load(self.data)

    async def command(self, line: str) -> int:
        """Run a command as the page writes it, for this stack."""
        parts = shlex.split(line.replace("/backups/monday", str(self.backup)))
        assert parts.pop(0) == "baton"
        return await asyncio.to_thread(run, [*parts, "--data", str(self.data)])


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    folder = tmp_path_factory.mktemp("drill")
    stacks.up_detached(Options(str(folder / "d"), free_base(), "stepped", A_MONDAY))
    yield Drill(folder / "d", folder / "monday")
    stacks.down(folder / "d")


def commands(section: str) -> list[str]:
    """Return the `baton` commands of a section of the page, in their order."""
    text = PAGE.read_text(encoding="utf-8").partition(f"### {section}\n")[2].partition("\n### ")[0]
    return re.findall(r"^baton .+$", text, re.MULTILINE)


async def live(world: World, drill: Drill, number: int) -> None:
    """Let a day happen: newcomers, somebody who comes back, worked leads, somebody who asks to be forgotten."""
    email = f"back@again-{number}.example"
    first = await world.somebody_submits("content_download", email=email, job_title="Analyst")
    again = await world.somebody_submits("demo_request", email=email, job_title="Head of Growth", phone="+4930901820")
    assert first == again
    worked = await world.somebody_submits("demo_request")
    lead = await world.reads("lead.assigned.v1", worked)
    await world.the_rep_says(lead, "touches", kind="call", outcome="welcomed")
    gone = await world.somebody_submits("demo_request", email=f"gone@gone-{number}.example", first_name="Zebediah")
    await world.settled()
    await world.http.delete(f"{world.stack.urls['capture']}/v1/contacts/{gone}")
    drill.known |= {first, worked, *await asyncio.gather(*(world.somebody_submits("social") for _ in range(20)))}
    drill.erased.add(gone)
    await world.settled()


async def test_a_backup_is_taken_under_load(drill: Drill) -> None:
    async with World(drill.stack) as world:
        await live(world, drill, 0)
        load = asyncio.gather(*(world.somebody_submits("demo_request") for _ in range(50)))
        (backup,) = commands("Backing up")
        assert await drill.command(backup) == DONE
        drill.known |= set(await load)
    manifest = json.loads((drill.backup / "manifest.json").read_text())
    assert set(manifest["services"]) == set(SERVICES)
    assert all(part["positions"] for part in manifest["services"].values())
    for path in (drill.backup, *drill.backup.iterdir()):
        assert not path.stat().st_mode & 0o077


@pytest.mark.parametrize("service", ["capture", "scoring", "sla-monitor", "feedback"])
async def test_a_service_put_back_comes_to_where_the_others_are(
    service: str | None, drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    async with World(drill.stack) as world:
        await live(world, drill, len(drill.erased))
    restore, single, audit = commands("Restoring")
    line = restore if service is None else single.replace("capture", service)
    assert await drill.command(line) == DONE
    capsys.readouterr()
    code = await drill.command(f"{audit} --json")
    found = json.loads(capsys.readouterr().out)
    assert code == DONE, [check for check in found["checks"] if check["residual"]]
    async with World(drill.stack) as world:
        await nobody_is_lost(world, drill)
        await no_number_is_drawn_twice(world)
        await live(world, drill, len(drill.erased))
        await no_number_is_drawn_twice(world)


async def nobody_is_lost(world: World, drill: Drill) -> None:
    capture = world.stack.urls["capture"]
    for contact in drill.known:
        answer = await world.http.get(f"{capture}/v1/contacts/{contact}")
        assert answer.status_code == 200, contact
    for contact in drill.erased:
        answer = await world.http.get(f"{capture}/v1/contacts/{contact}")
        assert answer.status_code in {404, 410}, contact
    back = await world.get("capture", "/v1/contacts?email=back@again-0.example")
    assert back["job_title"] == "Head of Growth"


async def no_number_is_drawn_twice(world: World) -> None:
    """A number of a source, topic and key stands for one fact."""
    await world.settled()
    await world.listen()
    facts: dict[tuple[str, ...], set[Any]] = defaultdict(set)
    for record in world.records:
        name = (record.headers["ce_source"], record.topic, record.key, record.headers["ce_sequence"])
        facts[name].add((record.headers["ce_id"], record.text))
    assert {name: found for name, found in facts.items() if len(found) > 1} == {}
