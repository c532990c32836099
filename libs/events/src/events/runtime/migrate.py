"""Bring a service's database to the newest revision: by Alembic, one process at a time."""

import asyncio
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

_LOCK = 0x0BA7_0002


def sqlalchemy_url(database_url: str) -> str:
    """Give the URL as SQLAlchemy wants it."""
    return database_url.replace("postgresql://", "postgresql+asyncpg://", 1)


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config


def _upgrade(connection: Connection, migrations: Path) -> None:
    connection.execute(text("set lock_timeout = '30s'"))
    connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def upgrade(database_url: str, migrations: Path) -> None:
    """Apply what is missing, in one transaction."""
    engine = create_async_engine(sqlalchemy_url(database_url), poolclass=pool.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, migrations)
    finally:
        await engine.dispose()


def newest(migrations: Path) -> str | None:
    """Give the newest revision that the code knows."""
    return ScriptDirectory.from_config(_config(migrations)).get_current_head()


def revision(connection: Connection) -> str | None:
    """Give the revision that the database is at."""
    return MigrationContext.configure(connection).get_current_revision()


def run_env() -> None:
    """Be a service's `migrations/env.py`."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        url = context.config.get_main_option("sqlalchemy.url") or ""

        async def alone() -> None:
            engine = create_async_engine(sqlalchemy_url(url), poolclass=pool.NullPool)
            async with engine.begin() as made:
                await made.run_sync(_run)
            await engine.dispose()

        asyncio.run(alone())
        return
    _run(connection)


def _run(connection: Connection) -> None:
    context.configure(connection=connection, transactional_ddl=True, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
