"""Connections to a service's PostgreSQL, what each session is told, and the transactions on them.

SQLAlchemy keeps the pool and writes Core statements; transactions are asyncpg's own, at half the cost.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import event as sa_event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from events.runtime import migrate
from events.runtime.transaction import driver

SESSION = {
    "application_name": "baton",
    "idle_in_transaction_session_timeout": "15000",
    "lock_timeout": "10000",
    "statement_timeout": "30000",
    "jit": "off",
}


def engine(database_url: str, size: int) -> AsyncEngine:
    """Make the pool of a service's connections; nothing connects yet."""
    made = create_async_engine(
        migrate.sqlalchemy_url(database_url),
        pool_size=size,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",
        pool_timeout=2.0,
        connect_args={"server_settings": SESSION, "statement_cache_size": 500, "timeout": 2.0},
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )

    @sa_event.listens_for(made.sync_engine, "checkout")
    def refuse_spoilt(connection: Any, _: Any, __: Any) -> None:
        raw = connection.driver_connection
        if raw.is_closed() or raw.is_in_transaction():
            raise DisconnectionError

    return made


@asynccontextmanager
async def begin(pool: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Give a connection inside a transaction that commits at the end, and is rolled back on an error."""
    async with pool.connect() as connection:
        raw: Any = await driver(connection)
        async with raw.transaction():
            yield connection
