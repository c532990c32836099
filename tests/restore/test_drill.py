"""X47: each service alone and all together, put back to an older instant; what the page says then heals it."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from baton import stack as stacks
from baton.exit_codes import DONE
from baton.stack import StartOptions
from events.topics import SERVICES
from tests.e2e.conftest import A_MONDAY, free_base
from tests.e2e.world import World
from tests.restore.drill import Drill, commands, live, no_number_is_drawn_twice, nobody_is_lost, under_load

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    folder = tmp_path_factory.mktemp("drill")
    stacks.start_detached(StartOptions(str(folder / "d"), free_base(), "stepped", A_MONDAY))
    yield Drill(folder / "d", folder / "monday")
    stacks.stop_stack(folder / "d")


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


@pytest.mark.parametrize("service", [*SERVICES, None], ids=lambda service: service or "all")
async def test_what_is_put_back_comes_to_where_the_others_are(
    service: str | None, drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    """All at once under load: whoever was accepted before or is after is known; the command says what it loses."""
    async with World(drill.stack) as world:
        await live(world, drill, len(drill.erased))
    restore, single, audit = commands("Restoring")
    if service is None:
        async with World(drill.stack) as world, under_load(world) as load:
            assert await drill.command(restore) == DONE
            await world.until(load.goes_on)
        drill.known |= load.known(capsys.readouterr().err)
    else:
        assert await drill.command(single.replace("capture", service)) == DONE
    capsys.readouterr()
    code = await drill.command(f"{audit} --json")
    found = json.loads(capsys.readouterr().out)
    assert code == DONE, [check for check in found["checks"] if check["residual"]]
    async with World(drill.stack) as world:
        await nobody_is_lost(world, drill)
        await no_number_is_drawn_twice(world)
        await live(world, drill, len(drill.erased))
        await no_number_is_drawn_twice(world)
