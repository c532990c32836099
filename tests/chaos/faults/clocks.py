"""Machines whose clock is wrong."""

import asyncio
import random
from pathlib import Path

from tests.chaos.fault import fault
from tests.chaos.rig import Rig

FAKETIME = "libfaketime.so.1"
FOLDERS = ("/usr/lib", "/usr/local/lib")


def library() -> Path | None:
    """Return libfaketime (Debian's package of this name), if it is there."""
    found = [path for folder in FOLDERS for path in Path(folder).glob(f"**/faketime/{FAKETIME}")]
    return found[0] if found else None


def no_library(_: Rig) -> str:
    """Lack libfaketime."""
    return "" if library() is not None else "no libfaketime (Debian's package of this name)"


@fault("clock-shift", "X35", lacks=no_library, short=True)
async def clock_shift(rig: Rig, dice: random.Random) -> str:
    """Start one copy again with a clock that is an hour fast or slow; then as it was."""
    copy, shift, seconds = dice.choice(rig.copies), dice.choice(("+3600", "-3600")), dice.uniform(6, 15)
    copy.kill()
    copy.start({"LD_PRELOAD": str(library()), "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    await rig.all_ready()
    await asyncio.sleep(seconds)
    copy.kill()
    copy.start()
    return f"{copy.name} by {shift} s"
