"""What a service's tables amount to, as gauges: counted by a task beside the scrapes, which never wait for PostgreSQL.

Every copy of a service counts the same tables, so queries take the maximum over copies. A row that was there and is not
any more shows as zero, never as a gap.
"""

import asyncio
import importlib.metadata
import platform
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from prometheus_client import Gauge

from events.runtime import lead_metrics, metrics, retry
from events.runtime.logging import describe_error, logger
from events.runtime.transaction import Transaction
from events.topics import TOPICS

if TYPE_CHECKING:
    from events.runtime.service import Service

log = logger()

COUNT_SECONDS = 15.0
"""Between two counts, at least."""
MOST_BUSY = 0.05
"""The share of the time that counting may take: where a count takes two seconds, the next one waits for forty."""


class GaugeValues(NamedTuple):
    """A gauge and its values by label values, in the order of the gauge's labels."""

    gauge: Gauge
    values: Mapping[Any, float]


Counts = Callable[[Transaction], Awaitable[Sequence[GaugeValues]]]

_shown: dict[Gauge, set[tuple[str, ...]]] = {}


async def count_no_gauges(_: Transaction) -> Sequence[GaugeValues]:
    """Return nothing: the service has no gauges of its own."""
    return []


def set_gauges(counts: Sequence[GaugeValues]) -> None:
    """Set gauges; what was shown before and is not counted any more becomes zero."""
    for gauge, values in counts:
        before = _shown.setdefault(gauge, set())
        for labels in before - set(values):
            gauge.labels(*labels).set(0)
        for labels, value in values.items():
            gauge.labels(*labels).set(value)
        before.update(values)


async def keep_counting(service: "Service") -> None:
    """Count until cancelled; an outage of PostgreSQL leaves the gauges as they were."""
    while True:
        began = time.monotonic()
        try:
            await count_gauges_once(service)
        except Exception as error:  # noqa: BLE001 - what is shown to people must not stop what they look at
            retry.raise_if_cancelled(error)
            if not retry.is_transient(error):
                metrics.TASK_FAILURES.labels("count").inc()
                log.error("count_failed", error=describe_error(error))  # noqa: TRY400 - no values in logs
        await asyncio.sleep(max(COUNT_SECONDS, (time.monotonic() - began) / MOST_BUSY))


async def count_gauges_once(service: "Service") -> None:
    """Count once."""
    async with service.transaction() as tx:
        counts = await service.counts(tx)
    set_gauges(counts)


def show_counters_at_zero(service: "Service") -> None:
    """Show each counter before its first event: `increase` is right from then on, and no panel is blank."""
    metrics.BUILD.labels(importlib.metadata.version("baton-events"), platform.python_version()).set(1)
    for topic in service.on:
        for outcome in ("applied", "duplicate", "parked"):
            metrics.RECORDS.labels(topic.name, outcome)
        metrics.BATCH_RETRIES.labels(topic.name)
        metrics.BATCH_SECONDS.labels(topic.name)
        metrics.ARRIVAL.labels(topic.name)
        metrics.MISSED.labels(topic.name)
        metrics.LAG.labels(topic.name)
        metrics.LAG_SECONDS.labels(topic.name)
    for topic in TOPICS:
        if service.name in topic.producers:
            metrics.PUBLISHED.labels(topic.name)
            metrics.RELAY_WAITING.labels(topic.name)
            for event in topic.events:
                metrics.EMITTED.labels(event.ce_type)
    for kind in service.due:
        metrics.TIMERS.labels(kind)
        metrics.TIMER_LATENESS.labels(kind)
    for task in ("count", "audit_and_measure", "maintain"):
        metrics.TASK_FAILURES.labels(task)
    lead_metrics.show_lead_counters_at_zero(service.name)
