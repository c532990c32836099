"""`make bench`: each figure beside its ceiling and its peer, measured in the same run on this machine.

Usage: python -m tests.bench [hop] [latency]
"""

import asyncio
import json
import platform
import sys
import warnings
from collections.abc import Awaitable, Callable

from tests.bench import hop, latency, parts

LONGEST = 600.0


async def _hop() -> dict[str, float]:
    async with parts.up() as up:
        return await hop.measure(up)


BENCHES: dict[str, Callable[[], Awaitable[dict[str, float]]]] = {"hop": _hop, "latency": latency.measure}


async def main(wanted: list[str]) -> None:
    """Run the benches asked for, or all."""
    figures: dict[str, object] = {"machine": platform.machine(), "python": platform.python_version()}
    for name in wanted or list(BENCHES):
        sys.stderr.write(f"{name} …\n")
        async with asyncio.timeout(LONGEST):
            figures |= {key: round(value, 3) for key, value in (await BENCHES[name]()).items()}
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asyncio.run(main(sys.argv[1:]))
