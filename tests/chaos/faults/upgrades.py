"""The release before and this one side by side."""

import asyncio
import random

from baton.stack_processes import playbook_directory
from tests.chaos.brokers import LANES
from tests.chaos.fault import fault
from tests.chaos.rig import Rig

BESIDE_SECONDS = 10.0


def no_release(rig: Rig) -> str:
    """Lack a release to come from."""
    return "" if rig.release else "no release to upgrade from (--release REF names a commit or tag)"


@fault("upgrade", "X51", lacks=no_release, final=True)
async def upgrade(rig: Rig, dice: random.Random) -> str:
    """Replace the release before by this one under load, copy by copy: for a while both serve side by side."""
    for lane in dice.sample(LANES, len(LANES)):
        for copy in dice.sample(rig.on(lane), len(rig.on(lane))):
            await asyncio.to_thread(copy.stop)
            kept = {name: value for name, value in copy.environment.items() if name not in rig.release}
            copy.environment = kept | {"BATON_PLAYBOOK_DIR": str(playbook_directory())}
            copy.start()
        await rig.all_ready()
        await asyncio.sleep(BESIDE_SECONDS)
    return f"from {rig.size.release}"
