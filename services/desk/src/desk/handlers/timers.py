"""The hourly folding of the sums by day, which questions add up faster afterwards and find the same.

Nothing here falls due by business time: deadlines are sla-monitor's, and messages go by real time.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from desk import store
from events.runtime.loops import run_rounds
from events.runtime.timers import TimerHandler

if TYPE_CHECKING:
    from events.runtime import Service

TIMERS: Mapping[str, TimerHandler] = {}
HOUR_SECONDS = 3600.0


async def fold_day_sums_hourly(service: "Service") -> None:
    """Fold the sums by day when the service starts and every hour, until cancelled; unfolded ones are right too."""
    await run_rounds("fold", partial(fold_some_day_sums, service), pause_seconds=HOUR_SECONDS)


async def fold_some_day_sums(service: "Service") -> int:
    """Fold some days in a transaction; return how many rows they had."""
    async with service.transaction() as tx:
        return await store.day_sums.fold_day_sums(tx)
