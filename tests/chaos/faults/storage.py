"""A disk that is full."""

import asyncio
import errno
import os
import random

from tests.chaos.fault import fault
from tests.chaos.rig import Rig

LEFT_BYTES = 64 * 1024
LARGEST_BYTES = 8 << 30


def no_small_disk(rig: Rig) -> str:
    """Lack a file system of PostgreSQL's own, small enough to fill."""
    small = rig.folder / "postgres"
    return "" if os.path.ismount(small) else "PostgreSQL has no file system of its own (root may mount one)"


@fault("disk-full", "X20", lacks=no_small_disk)
async def disk_full(rig: Rig, dice: random.Random) -> str:
    """Fill PostgreSQL's file system to the last block, then make room again."""
    seconds = dice.uniform(5, 12)
    ballast = rig.folder / "postgres" / "ballast"
    try:
        await asyncio.to_thread(_fill, str(ballast))
        await asyncio.sleep(seconds)
    finally:
        ballast.unlink(missing_ok=True)
    await rig.mend()
    return f"for {seconds:.0f} s"


def _fill(path: str) -> None:
    with open(path, "wb") as ballast:  # noqa: PTH123 - its descriptor is what is wanted
        block = bytes(LEFT_BYTES)
        for _ in range(LARGEST_BYTES // LEFT_BYTES):
            try:
                os.write(ballast.fileno(), block)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return
