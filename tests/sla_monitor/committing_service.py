"""Sla-monitors that commit: several connections, and as many processes as asked for, on one database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
from fastapi import APIRouter
from pydantic import SecretStr

from events.runtime import Service, clock, migrate
from events.runtime.timers import TimerRunner
from sla_monitor import store
from sla_monitor.app import service as service_of_app
from sla_monitor.playbook import SlaPlaybook
from sla_monitor.settings import SlaSettings
from tests.sla_monitor.domain_harness import FOLDER


async def _up_to_date() -> bool:
    return False


@asynccontextmanager
async def monitor(database_url: str, stepped_to: datetime | None = None) -> AsyncIterator[Service[SlaSettings]]:
    """A service on its own database, without Kafka: events are passed to it, its journal has what it published."""
    await migrate.apply_migrations(database_url, service_of_app.migrations)
    service = Service(
        name=service_of_app.name,
        settings=SlaSettings,
        playbook=("sla.yaml", SlaPlaybook),
        migrations=service_of_app.migrations,
        on=service_of_app.on,
        due=service_of_app.due,
        router=APIRouter(),
        audit=store.find_violations,
    )
    service.settings = SlaSettings(
        database_url=SecretStr(database_url), kafka_bootstrap_servers="nowhere:1", secret=SecretStr("for tests alone")
    )
    raw = await asyncpg.connect(database_url)
    try:
        if stepped_to is not None:
            await clock.choose_clock(raw, "stepped", stepped_to)
        async with service.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(FOLDER), by="default", approvals=[])
        yield service
    finally:
        await raw.close()
        await service.stop()


def timers_of(service: Service) -> TimerRunner:
    """Return what runs the service's timers."""
    return TimerRunner(
        handlers=service.due, transaction=service.transaction, database_url=service.database_url, lagging=_up_to_date
    )


async def fire_all(service: Service) -> None:
    """Fire what is due until nothing is."""
    timers = timers_of(service)
    raw = await asyncpg.connect(service.database_url)
    try:
        while await timers._fire_due_timers(raw):
            pass
    finally:
        await raw.close()


async def deliver(service: Service, batch: Sequence[Any]) -> None:
    """Pass a batch of events of one topic to its handler, in one transaction."""
    async with service.transaction() as tx:
        await tx.lock_contacts(event.contact_id for event in batch)
        topic = next(topic for topic in service.on if type(batch[0]) in topic.events)
        await service.on[topic](batch, tx)
