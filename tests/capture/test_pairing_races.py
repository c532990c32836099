"""A link that is opened and ended at the same instant, on connections of their own: nothing here is rolled back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from uuid import UUID

import asyncpg
import pytest

from capture import handlers
from capture.handlers import WantedPairing
from capture.handlers.errors import PairingOver
from capture.settings import CaptureSettings
from events.runtime import Service, migrate, security
from events.runtime.security import Caller
from tests.capture.test_together import copy_of_service
from tests.containers import Server

OLA = Caller("ola", frozenset({"admin"}))
WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture(scope="module")
async def service(server: Server) -> AsyncIterator[Service[CaptureSettings]]:
    made = copy_of_service(await asyncio.to_thread(server.create_database, "capture_pairings"))
    await migrate.apply_migrations(made.database_url, made.migrations)
    await made.prepare()
    yield made
    await made.stop()


async def invite(service: Service[CaptureSettings]) -> tuple[UUID, str]:
    async with service.transaction() as tx:
        made = await handlers.create_pairing(tx, OLA, WantedPairing("expo-2026", "Booth 1", "ola"), str)
    return made.pairing_id, str(made.pairing_id)


async def pair(service: Service[CaptureSettings], code: str, drawn: tuple[str, str, str]) -> str:
    async with service.transaction() as tx:
        return (await handlers.pair_device(tx, code, drawn[0], drawn[2])).label


async def end(service: Service[CaptureSettings], pairing_id: UUID) -> None:
    async with service.transaction() as tx:
        await handlers.end_pairing(tx, OLA, pairing_id, "ola")


async def pair_while(
    service: Service[CaptureSettings], code: str, drawn: tuple[str, str, str], other: Awaitable[object]
) -> asyncio.Future[object]:
    """Pair a device, and commit only when the other waits for it."""
    raw = await asyncpg.connect(service.database_url)
    async with service.transaction() as tx:
        await handlers.pair_device(tx, code, drawn[0], drawn[2])
        task = asyncio.ensure_future(other)
        async with asyncio.timeout(30):
            while not await raw.fetch(WAITING):
                pass
    await raw.close()
    return task


async def test_a_link_that_is_ended_while_a_phone_opens_it_leaves_no_key_in_force(
    service: Service[CaptureSettings],
) -> None:
    """The list said *ended*, and the key that the phone had drawn meanwhile went on taking scans."""
    pairing_id, code = await invite(service)
    drawn = security.draw_key()
    await (await pair_while(service, code, drawn, end(service, pairing_id)))
    assert await service.keys.find_caller(drawn[1]) is None


async def test_the_same_phone_twice_at_once_is_paired(service: Service[CaptureSettings]) -> None:
    """Its network comes and goes: the second request waits for the first, and is answered as that was."""
    _, code = await invite(service)
    drawn = security.draw_key()
    assert await (await pair_while(service, code, drawn, pair(service, code, drawn))) == "Booth 1"
    assert await service.keys.find_caller(drawn[1]) is not None


async def test_another_phone_at_the_same_instant_is_refused(service: Service[CaptureSettings]) -> None:
    _, code = await invite(service)
    other = security.draw_key()
    with pytest.raises(PairingOver):
        await (await pair_while(service, code, security.draw_key(), pair(service, code, other)))
    assert await service.keys.find_caller(other[1]) is None
