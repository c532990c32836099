"""What keeps the processor busy shows."""

import asyncio
import time

from events.runtime import metrics
from events.runtime.loops import keep_measuring_lag
from tests.events.runtime.conftest import until

BUSY_SECONDS = 1.4


async def test_work_that_keeps_the_processor_busy_shows_as_a_late_loop() -> None:
    """X40: nobody else of the process has a turn meanwhile; the alert LoopBlocked reads this."""
    metrics.LOOP_LAG.set(0.0)
    measuring = asyncio.create_task(keep_measuring_lag())
    await asyncio.sleep(0)
    ends = time.monotonic() + BUSY_SECONDS
    while time.monotonic() < ends:
        pass

    async def seen() -> bool:
        return bool(metrics.LOOP_LAG._value.get() > 0.2)

    await until(seen)
    measuring.cancel()
