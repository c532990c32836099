"""X47: all six put back by somebody who has no more than addresses: databases, Kafka, services and a key."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from baton import postgres
from baton import stack as stacks
from baton.chosen_kafka import PRINTED, PRINTED_FROM
from baton.exit_codes import DONE, FOUND_WRONG
from baton.stack import Stack, StartOptions
from tests.e2e.conftest import free_base
from tests.e2e.world import World
from tests.restore.drill import Drill, live, no_number_is_drawn_twice, nobody_is_lost

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    """A stack on the clock of the machine, as operators have it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    stacks.start_detached(StartOptions(str(folder / "d"), free_base(), "system"))
    yield Drill(folder / "d", folder / "monday")
    stacks.stop_stack(folder / "d")


def addresses(stack: Stack) -> dict[str, str]:
    """Return what an operator sets, without what says that `baton env` printed it."""
    return {name: value for name, value in stack.environment_variables().items() if name not in {PRINTED, PRINTED_FROM}}


def baton(named: Mapping[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `baton` where no stack is."""
    return subprocess.run(
        (sys.executable, "-m", "baton", *arguments), env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere", **named},
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip


async def test_what_the_command_says_is_left_to_do_heals_it(drill: Drill, tmp_path: Path) -> None:
    """The services run while it is backed up and are stopped while it is put back; PostgreSQL is up all the time."""
    named, backup = addresses(drill.stack), str(drill.backup)
    async with World(drill.stack) as world:
        await live(world, drill, 0)
        done = baton(named, tmp_path, "backup", backup)
        assert done.returncode == DONE, done.stderr
        await live(world, drill, 1)
    refused = baton(named, tmp_path, "restore", backup)
    assert refused.returncode == FOUND_WRONG
    assert "stop these services first" in refused.stderr

    data_dir, state = drill.stack.data_dir, drill.stack.state
    stacks.stop_stack(drill.data)
    with postgres.start_postgres(
        data_dir.postgres_folder, state.postgres_port, password=data_dir.read_secrets().superuser
    ):
        done = baton(named, tmp_path, "restore", backup)
    assert done.returncode == DONE, done.stderr
    stacks.start_detached(StartOptions(str(drill.data)))
    steps = done.stderr.partition("what is left to do:\n")[2].splitlines()
    for step in (line.strip() for line in steps if line.strip().startswith("baton ")):
        done = baton(named, tmp_path, *step.split()[1:])
        assert done.returncode == DONE, f"{step}: {done.stdout}{done.stderr}"
    async with World(drill.stack) as world:
        await nobody_is_lost(world, drill)
        await no_number_is_drawn_twice(world)
