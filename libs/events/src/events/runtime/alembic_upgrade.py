"""Run a service's revisions by Alembic: at its start where its database is behind, or by Alembic's own command."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection

from events.runtime.engines import create_engine
from events.runtime.lean_imports import hide_console_packages

with hide_console_packages():
    from alembic import command, context
    from alembic.config import Config


def config_of(migrations: Path) -> Config:
    """Return what Alembic needs to know of a service."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config


def upgrade(connection: Connection, migrations: Path) -> None:
    """Run what is missing on a connection, in its transaction."""
    config = config_of(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run_alembic_env() -> None:
    """Be a service's `migrations/env.py`."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        url = context.config.get_main_option("sqlalchemy.url") or ""

        async def alone() -> None:
            made = create_engine(url)
            async with made.begin() as connected:
                await connected.run_sync(_run_migrations)
            await made.dispose()

        asyncio.run(alone())
        return
    _run_migrations(connection)


def _run_migrations(connection: Connection) -> None:
    context.configure(connection=connection, transactional_ddl=True, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
