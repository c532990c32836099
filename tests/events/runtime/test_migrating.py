"""A migration beside the processes that serve: before it, while it waits, and after it."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from sqlalchemy import Connection

from events.runtime import migrate
from events.runtime.alembic_upgrade import config_of
from events.runtime.engines import create_engine
from events.runtime.starting import retry_until_prepared
from routing.app import service
from tests.containers import Server
from tests.events.runtime.conftest import until

MIGRATIONS: Path = service.migrations
BEFORE = "0006"
"""After it the table `leads` is altered."""
ANSWERED_SECONDS = 10.0
"""Two for the lock and the rest for a machine with much else to do; it was thirty."""


def _upgrade(connection: Connection) -> None:
    config = config_of(MIGRATIONS)
    config.attributes["connection"] = connection
    command.upgrade(config, BEFORE)


async def test_who_serves_a_table_waits_no_longer_than_two_seconds_for_a_migration(server: Server) -> None:
    """X39: a long reader holds the migration up, and it gives way to everybody else until that reader is gone."""
    url = await asyncio.to_thread(server.create_database, "migrating")
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)
    await engine.dispose()
    reader, other = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        reading = reader.transaction()
        await reading.start()
        await reader.fetch("select from leads")
        migrating = asyncio.create_task(retry_until_prepared(lambda: migrate.apply_migrations(url, MIGRATIONS)))
        await until(lambda: _waits(other))
        async with asyncio.timeout(ANSWERED_SECONDS):
            assert await other.fetch("select from leads") == []
        assert not migrating.done()
        await reading.rollback()
        await migrating
        assert await other.fetch("select meeting_at from leads") == []
    finally:
        await reader.close()
        await other.close()


async def _waits(raw: asyncpg.Connection) -> bool:
    """Return whether a session waits for a table."""
    return bool(await raw.fetchval("select count(*) from pg_locks where not granted and relation = 'leads'::regclass"))
