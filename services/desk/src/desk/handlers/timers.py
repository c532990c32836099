"""The hourly folding of the sums by day, which questions add up faster afterwards and find the same.

Nothing here falls due by business time: deadlines are sla-monitor's, and messages go by real time.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from desk import store
from events.runtime import metrics, retry
from events.runtime.timers import TimerHandler

if TYPE_CHECKING:
    from events.runtime import Service

TIMERS: Mapping[str, TimerHandler] = {}
EVERY_SECONDS = 3600.0


async def fold_day_sums_hourly(service: "Service") -> None:
    """Fold the sums by day when the service starts and every hour, until cancelled."""
    while True:
        try:
            while await fold_some_day_sums(service):
                pass
        except Exception as error:  # noqa: BLE001 - sums that lie in several rows are right all the same
            retry.raise_if_cancelled(error)
            metrics.TASK_FAILURES.labels("fold").inc()
        await asyncio.sleep(EVERY_SECONDS)


async def fold_some_day_sums(service: "Service") -> int:
    """Fold some days in a transaction; return how many rows they had."""
    async with service.transaction() as tx:
        return await store.day_sums.fold_day_sums(tx)
