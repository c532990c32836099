"""Bring a service's database to the newest revision: by Alembic, one process at a time."""

import asyncio
from functools import partial
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from events.runtime import dsn

DIALECT = "postgresql+asyncpg://"
LONGEST_LOCK_WAIT = "2s"
"""For a table: whoever serves it queues behind a migration that waits. The start tries again."""
_LOCK = 0x0BA7_0002


def engine(database_url: str) -> AsyncEngine:
    """Return an engine that opens a session for each use, by the URL as libpq writes it."""
    return create_async_engine(DIALECT, poolclass=pool.NullPool, async_creator=partial(dsn.connect, database_url))


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config


def _upgrade(connection: Connection, migrations: Path) -> None:
    connection.execute(text("set lock_timeout = '30s'"))
    connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
    connection.execute(text(f"set lock_timeout = '{LONGEST_LOCK_WAIT}'"))
    if not is_behind(revision(connection), migrations):
        return
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def upgrade(database_url: str, migrations: Path) -> None:
    """Apply what is missing, in one transaction; a database that a later version has migrated stays as it is."""
    made = engine(database_url)
    try:
        async with made.begin() as connection:
            await connection.run_sync(_upgrade, migrations)
    finally:
        await made.dispose()


def is_behind(at: str | None, migrations: Path) -> bool:
    """Return whether a database at a revision lacks what the code needs.

    A revision that the code does not know is a later version's: migrations are additive, so it lacks nothing.
    """
    scripts = ScriptDirectory.from_config(_config(migrations))
    if at == scripts.get_current_head():
        return False
    return at is None or at in {script.revision for script in scripts.walk_revisions()}


def revision(connection: Connection) -> str | None:
    """Return the revision that the database is at."""
    return MigrationContext.configure(connection).get_current_revision()


def run_env() -> None:
    """Be a service's `migrations/env.py`."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        url = context.config.get_main_option("sqlalchemy.url") or ""

        async def alone() -> None:
            made = engine(url)
            async with made.begin() as connected:
                await connected.run_sync(_run)
            await made.dispose()

        asyncio.run(alone())
        return
    _run(connection)


def _run(connection: Connection) -> None:
    context.configure(connection=connection, transactional_ddl=True, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
