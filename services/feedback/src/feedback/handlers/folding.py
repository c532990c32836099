"""The copies of the funnel's sums folded into one where they have come to rest, so that questions read less."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from events.runtime import metrics, retry
from events.runtime.logging import describe, logger
from feedback import store

if TYPE_CHECKING:
    from events.runtime import Service

log = logger()

EVERY_SECONDS = 3600.0
RESTING = timedelta(days=7)
"""The cohorts of the last week change all the time: there each connection keeps its own copy."""


async def fold(service: "Service") -> None:
    """Fold every hour, until cancelled."""
    while True:
        try:
            while await fold_some(service):
                pass
        except Exception as error:  # noqa: BLE001 - sums that lie in several rows are right all the same
            retry.give_up_if_cancelled(error)
            metrics.TASK_FAILURES.labels("fold").inc()
            log.warning("fold_failed", error=describe(error))
        await asyncio.sleep(EVERY_SECONDS)


async def fold_some(service: "Service") -> int:
    """Fold some copies in one transaction; gives their number."""
    async with service.transaction() as tx:
        return await store.fold(tx, (tx.now - RESTING).date())
