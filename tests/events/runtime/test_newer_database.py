"""X51: while a new version is rolled out, or rolled back, the version before starts and serves on its database."""

import asyncio

import asyncpg
import pytest

from capture.app import service
from events.runtime import migrate
from events.runtime.testing import ServiceHarness
from tests.conftest import Databases
from tests.containers import Server

LATER = "9999"
"""A revision that this code does not know."""


async def test_a_database_that_a_later_version_migrated_is_left_as_it_is(server: Server) -> None:
    url = await asyncio.to_thread(server.create_database, "newer")
    await migrate.apply_migrations(url, service.migrations)
    raw = await asyncpg.connect(url)
    try:
        await raw.execute("update alembic_version set version_num = $1", LATER)
        await migrate.apply_migrations(url, service.migrations)
        assert await raw.fetchval("select version_num from alembic_version") == LATER
    finally:
        await raw.close()


@pytest.mark.parametrize(("revision", "behind"), [(LATER, False), ("0001", True)])
async def test_who_serves_a_newer_database_is_ready_and_who_serves_an_older_one_is_not(
    databases: Databases, revision: str, behind: bool
) -> None:
    async with ServiceHarness.open(service, await databases("capture")) as harness:
        await harness.raw.execute("update alembic_version set version_num = $1", revision)
        assert ("database is not at the newest revision" in await harness.service.list_obstacles()) is behind
