"""How a service is: what it has to do, what keeps it from doing it, and whether it still moves."""

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from events.runtime import dsn, metrics, migrate, retry
from events.runtime import logging as logs
from events.runtime.transaction import driver_connection_of

if TYPE_CHECKING:
    from events.runtime.service import Service

log = logs.logger()

MEASURE_SECONDS = 5.0
STALLED_SECONDS = 60.0
"""Readiness fails when records wait for so long and none is applied."""


async def load_status(service: "Service") -> dict[str, Any]:
    """Return the state of outbox, inbox, timers and commands."""
    progress = service.progress
    async with service.connect() as connection:
        raw = await driver_connection_of(connection)
        rows = await raw.fetch(
            "select (select count(*) from outbox) as outbox,"
            " (select extract(epoch from now() - min(j.time))::float from outbox o"
            "  join journal j on j.day = o.day and j.id = o.id) as oldest,"
            " (select count(*) from parked where state = 'parked') as parked,"
            " (select count(*) from parked where state = 'parked' and reason = 'refused_by_kafka') as set_aside,"
            " (select count(*) from gaps where state in ('open', 'incomplete')) as gaps,"
            " (select count(*) from timers where due_at <= timer_horizon()) as due_timers,"
            " business_now() as now, extract(epoch from clock_timestamp())::float8 as clock,"
            " (select version from playbooks order by nth desc limit 1) as playbook"
        )
    row = rows[0]
    metrics.CLOCK_SKEW.set(time.time() - row["clock"])
    metrics.OUTBOX_ROWS.set(row["outbox"])
    metrics.OUTBOX_AGE.set(row["oldest"] or 0.0)
    metrics.PARKED.set(row["parked"])
    metrics.SET_ASIDE.set(row["set_aside"])
    metrics.GAPS_OPEN.set(row["gaps"])
    return {
        "service": service.name,
        "now": row["now"].isoformat(),
        "playbook_version": row["playbook"],
        "outbox": row["outbox"],
        "outbox_oldest_seconds": row["oldest"] or 0.0,
        "parked": row["parked"],
        "set_aside": row["set_aside"],
        "gaps": row["gaps"],
        "due_timers": row["due_timers"],
        "open_commands": service.open_commands,
        "lag": progress.records_behind if progress is not None else {},
        "lag_seconds": progress.seconds_behind if progress is not None else {},
        "stopped_partitions": len(service.consumer.gate.stopped) if service.consumer else 0,
    }


async def update_gauges(service: "Service") -> None:
    """Bring the gauges up to date; an outage of the database leaves them as they were, and their age shows it."""
    state = await load_status(service)
    review_by = service.playbooks.find_review_date(state["playbook_version"])
    metrics.REVIEW_OVERDUE.set(review_by is not None and review_by < datetime.now(UTC).date())
    list_stalled_topics(service)
    service.set_connection_pool_metrics()
    metrics.DATABASE_UP.set(1)
    metrics.MEASURED_AT.set(time.time())


async def keep_measuring(service: "Service") -> None:
    """Measure beside the scrapes, until cancelled; log once that PostgreSQL is away, and once that it is back."""
    loop = asyncio.get_running_loop()
    failures, lost_at = 0, 0.0
    while True:
        seconds = MEASURE_SECONDS
        try:
            await update_gauges(service)
            if failures:
                log.info("database_back", seconds=round(loop.time() - lost_at, 1))
            failures = 0
        except Exception as error:
            retry.raise_if_cancelled(error)
            metrics.DATABASE_UP.set(0)
            if not retry.is_transient(error):
                raise
            lost_at, failures = lost_at if failures else loop.time(), failures + 1
            seconds = retry.compute_delay(failures, MEASURE_SECONDS)
            if retry.is_attempt_logged(failures):
                log.warning(
                    "database_away",
                    reason=dsn.describe_connection_error(error),
                    **retry.describe_retry(error, failures, seconds),
                )
        await asyncio.sleep(seconds)


def list_stalled_topics(service: "Service") -> list[str]:
    """Return the topics on which records wait for this process and none has been applied for too long."""
    if service.progress is None or service.consumer is None:
        return []
    places = service.progress.list_stalled(STALLED_SECONDS, service.consumer.active_partitions)
    metrics.STALLED.set(len(places))
    return sorted({place.topic for place in places})


def list_ended_loops(service: "Service") -> list[str]:
    """Name the loops of this process that ended."""
    return service.loops.list_ended()


async def list_obstacles(service: "Service") -> list[str]:
    """Name what keeps the service from doing its work."""
    found = ["the database is being prepared"] if service.starting else []
    try:
        async with service.connect() as connection:
            if migrate.is_database_behind(await connection.run_sync(migrate.load_revision), service.migrations):
                found.append("database is not at the newest revision")
    except Exception as error:
        if not retry.is_transient(error):
            raise
        found.append(": ".join(filter(None, ("database", dsn.describe_connection_error(error)))))
    if service.on and service.name != "capture":
        if service.consumer is not None and service.consumer.denied:
            found.append(f"kafka: {service.consumer.denied}")
        elif service.consumer is None or not service.consumer.assigned:
            found.append("kafka: no partitions assigned")
    if service.topics is not None and service.name != "capture":
        found.extend(f"kafka: {complaint}" for complaint in service.topics.complaints_about_missing_topics)
        found.extend([f"kafka: {service.topics.reason}"] if service.topics.reason else [])
    if service.name != "capture":
        found.extend(f"no progress on {topic}" for topic in list_stalled_topics(service))
    return found
