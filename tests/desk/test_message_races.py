"""What makes a message urgent arrives while a worker decides when it is sent, on connections of their own."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from fastapi import APIRouter
from pydantic import SecretStr

from desk import app, store
from desk.domain import Viewer
from desk.playbook import DeskPlaybook
from desk.settings import PageSettings
from events.envelope import LeadEvent
from events.runtime import Service, clock, migrate
from events.topics import TOPIC_OF
from tests.containers import Server
from tests.desk.conftest import PLAYBOOKS
from tests.desk.test_pages import ADA, promised
from tests.sla_monitor.lead_story import MONDAY, minutes

WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture
async def service(server: Server) -> AsyncIterator[Service[PageSettings]]:
    url = await asyncio.to_thread(server.create_database, "desk_messages")
    made = Service(
        name="desk", settings=PageSettings, playbook=("desk.yaml", DeskPlaybook), migrations=app.service.migrations,
        on=app.service.on, due={}, router=APIRouter(), audit=store.find_violations,
    )  # fmt: skip
    made.settings = PageSettings(
        database_url=SecretStr(url), kafka_bootstrap_servers="nowhere:1", secret=SecretStr("for tests alone"),
        api_key=SecretStr("bk_0123456789ab_of_the_pages"),
    )  # fmt: skip
    await migrate.apply_migrations(url, made.migrations)
    raw = await asyncpg.connect(url)
    await clock.choose_clock(raw, "stepped", MONDAY)
    await raw.close()
    async with made.transaction() as tx:
        await made.playbooks.activate(tx, made.playbooks.read(PLAYBOOKS), by="default", approvals=[])
    yield made
    await made.stop()


async def deliver(service: Service[PageSettings], event: LeadEvent) -> None:
    async with service.transaction() as tx:
        await tx.lock_contacts({event.contact_id})
        await service.on[TOPIC_OF[type(event)]]([event], tx)


async def test_a_promise_that_comes_while_a_message_is_put_off_is_not_overlooked(
    service: Service[PageSettings],
) -> None:
    """The worker had read the lead without it, and what it put off then waited until the morning."""
    async with service.transaction() as tx:
        viewer = Viewer("mia", "rep", rep_id="ann", email="mia@sales.example")
        await store.access.save_user_with_invitation(tx, viewer, "token", timedelta(hours=1))
    await deliver(service, ADA.assigned("ann"))
    raw = await asyncpg.connect(service.database_url)
    async with service.transaction() as tx:
        now = datetime.now(UTC)
        claimed = await store.messages.claim_due_messages(tx, 100, now, timedelta(minutes=1))
        later: dict[UUID, datetime] = {row.message_id: now + timedelta(hours=12) for row in claimed}
        promise = asyncio.create_task(deliver(service, promised(ADA, 1, due_at=MONDAY + minutes(15))))
        async with asyncio.timeout(30):
            while not promise.done() and not await raw.fetch(WAITING):
                pass
        await store.messages.postpone_messages(tx, later)
    await promise
    assert [row["due_at"] <= datetime.now(UTC) for row in await raw.fetch("select due_at from messages")] == [True]
    await raw.close()
