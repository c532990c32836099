"""How a service is: what it has to do, what keeps it from doing it, and whether it still moves."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from events.runtime import logging as logs
from events.runtime import metrics, migrate, retry
from events.runtime.transaction import driver

if TYPE_CHECKING:
    from events.runtime.service import Service

log = logs.logger()

STUCK_SECONDS = 60.0


async def status(service: "Service") -> dict[str, Any]:
    """Tell the state of the machinery."""
    progress = service.progress
    async with service.connect() as connection:
        raw = await driver(connection)
        rows = await raw.fetch(
            "select (select count(*) from outbox) as outbox,"
            " (select extract(epoch from now() - min(j.time))::float from outbox o"
            "  join journal j on j.day = o.day and j.id = o.id) as oldest,"
            " (select count(*) from parked where state = 'parked') as parked,"
            " (select count(*) from timers where due_at <= timer_horizon()) as due_timers,"
            " business_now() as now,"
            " (select version from playbooks order by nth desc limit 1) as playbook"
        )
    row = rows[0]
    metrics.OUTBOX_ROWS.set(row["outbox"])
    metrics.OUTBOX_AGE.set(row["oldest"] or 0.0)
    metrics.PARKED.set(row["parked"])
    return {
        "service": service.name,
        "now": row["now"].isoformat(),
        "playbook_version": row["playbook"],
        "outbox": row["outbox"],
        "outbox_oldest_seconds": row["oldest"] or 0.0,
        "parked": row["parked"],
        "due_timers": row["due_timers"],
        "open_commands": service.open_commands,
        "lag": progress.behind if progress is not None else {},
        "lag_seconds": progress.seconds if progress is not None else {},
        "stopped_partitions": len(service.consumer.stopped) if service.consumer else 0,
    }


async def measure(service: "Service") -> None:
    """Bring the gauges up to date before they are read; an outage of the database leaves them as they were."""
    try:
        version = (await status(service))["playbook_version"]
        review_by = service.playbooks.review_by(version)
        metrics.REVIEW_OVERDUE.set(review_by is not None and review_by < datetime.now(UTC).date())
    except Exception as error:
        if not retry.is_transient(error):
            raise
        log.warning("measure_deferred", error=logs.describe(error))


def stuck(service: "Service") -> list[str]:
    """Name the loops that make no progress."""
    loop = asyncio.get_running_loop()
    found = [name for name, task in service.tasks.items() if task.done()]
    consumer = service.consumer
    if consumer is not None and consumer.assigned and loop.time() - consumer.progressed_at > STUCK_SECONDS:
        found.append("consumer makes no progress")
    return found


async def missing(service: "Service") -> list[str]:
    """Name what keeps the service from doing its work."""
    found = []
    try:
        async with service.connect() as connection:
            at = await connection.run_sync(migrate.revision)
            if at != migrate.newest(service.migrations):
                found.append("database is not at the newest revision")
    except Exception as error:
        if not retry.is_transient(error):
            raise
        found.append("database")
    if service.on and service.name != "capture" and (service.consumer is None or not service.consumer.assigned):
        found.append("kafka: no partitions assigned")
    if service.topics is not None and service.name != "capture":
        found.extend(f"kafka: topic {name} is missing" for name in service.topics.missing)
    return found
