"""Connections to a service's PostgreSQL, and what each session is told."""

from typing import Any

import orjson
from sqlalchemy import event as sa_event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from events.runtime import migrate
from events.runtime.transaction import Connection, driver

SESSION = {
    "application_name": "baton",
    "idle_in_transaction_session_timeout": "15000",
    "lock_timeout": "10000",
    "statement_timeout": "30000",
    "jit": "off",
}


async def begin(connection: AsyncConnection) -> Connection:
    """Give asyncpg's connection with the transaction begun: SQLAlchemy begins it at its first statement."""
    await connection.exec_driver_sql("select 1")
    return await driver(connection)


def engine(database_url: str, size: int) -> AsyncEngine:
    """Make the pool of a service's connections; nothing connects yet."""
    made = create_async_engine(
        migrate.sqlalchemy_url(database_url),
        pool_size=size,
        max_overflow=0,
        pool_timeout=2.0,
        connect_args={"server_settings": SESSION, "statement_cache_size": 500, "timeout": 2.0},
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )

    @sa_event.listens_for(made.sync_engine, "checkout")
    def refuse_closed(connection: Any, _: Any, __: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    return made
