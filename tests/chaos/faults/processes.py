"""Processes that are killed, stopped, asked to stop, and that come and go."""

import asyncio
import random

from baton.ports import free_port
from tests.chaos.copies import ORDERLY, Copy
from tests.chaos.fault import fault
from tests.chaos.rig import Rig, new_copy

KILLS, CHURNS = 4, 3
SESSION_SECONDS = 6
STOP_LIMIT_SECONDS = 25.0


@fault("kill", "X1", "X2", "X3", "X4", short=True)
async def kill(rig: Rig, dice: random.Random) -> str:
    """Kill one copy after another, at instants of its own, and start each again."""
    names = []
    for _ in range(KILLS):
        copy = dice.choice(rig.copies)
        copy.kill()
        names.append(copy.name)
        await asyncio.sleep(dice.uniform(0.3, 1.2))
        copy.start()
        await asyncio.sleep(dice.uniform(0.3, 2.0))
    return ", ".join(names)


@fault("kill-pair", "X1", "X3", short=True)
async def kill_pair(rig: Rig, dice: random.Random) -> str:
    """Kill both copies of a service at once; start them some seconds later."""
    copies = rig.of(dice.choice(sorted({copy.service.name for copy in rig.copies})))
    for copy in copies:
        copy.kill()
    await asyncio.sleep(dice.uniform(1, 4))
    for copy in copies:
        copy.start()
    return copies[0].service.name


@fault("kill-all", "X5")
async def kill_all(rig: Rig, dice: random.Random) -> str:
    """Kill all twelve processes at once; start them in random order."""
    for copy in rig.copies:
        copy.kill()
    order = dice.sample(rig.copies, len(rig.copies))
    for copy in order:
        copy.start()
        await asyncio.sleep(dice.uniform(0, 0.5))
    return " ".join(copy.name for copy in order[:3]) + " first"


@fault("pause", "X6", "X7", short=True)
async def pause(rig: Rig, dice: random.Random) -> str:
    """Stop one copy for longer than its group session (SIGSTOP), then let it go on as if nothing were."""
    copy = dice.choice(rig.copies)
    copy.pause()
    seconds = SESSION_SECONDS + dice.uniform(2, 8)
    await asyncio.sleep(seconds)
    copy.resume()
    return f"{copy.name} for {seconds:.0f} s"


@fault("pause-lane", "X6", "X7")
async def pause_lane(rig: Rig, dice: random.Random) -> str:
    """Stop one copy of every service at the same time, beyond the session."""
    lane = dice.choice("ab")
    for copy in rig.on(lane):
        copy.pause()
    await asyncio.sleep(SESSION_SECONDS + dice.uniform(2, 10))
    for copy in rig.on(lane):
        copy.resume()
    return f"lane {lane}"


@fault("terminate", "X37", short=True)
async def terminate(rig: Rig, dice: random.Random) -> str:
    """Ask one copy to stop under load (SIGTERM): it ends in order and in time; start it again."""
    copy = dice.choice(rig.copies)
    detail = await _stopped(rig, copy)
    copy.start()
    return detail


@fault("churn", "X28", "X29", short=True)
async def churn(rig: Rig, dice: random.Random) -> str:
    """Add a third copy of a service to its group and take it away again, several times."""
    names = []
    for number in range(CHURNS):
        service = dice.choice([copy.service for copy in rig.on("a")])
        extra = new_copy(rig, service, dice.choice("ab"), free_port(), instance=f"{service.name}-churn-{number}")
        extra.start()
        rig.copies.append(extra)
        await rig.all_ready()
        await asyncio.sleep(dice.uniform(1, 5))
        rig.copies.remove(extra)
        names.append(await _stopped(rig, extra))
    return "; ".join(names)


async def _stopped(rig: Rig, copy: Copy) -> str:
    seconds, code = await asyncio.to_thread(copy.stop)
    if code not in ORDERLY or seconds > STOP_LIMIT_SECONDS:
        rig.mark("bad_stops", (copy.name, code, round(seconds)))
    return f"{copy.name} in {seconds:.1f} s"
