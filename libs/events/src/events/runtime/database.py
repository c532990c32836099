"""Connections to a service's PostgreSQL, what each session is told, and the transactions on them.

SQLAlchemy keeps the pool and writes Core statements; transactions are asyncpg's own, at half the cost. A server that
is frozen or out of reach answers nothing, not even an error: every wait for it has an end on this side too.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
import orjson
from sqlalchemy import event as sa_event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from events.runtime import deadlines, dsn, metrics
from events.runtime.database_errors import SessionLost
from events.runtime.engines import DIALECT
from events.runtime.starting import NotConfigured
from events.runtime.transaction import driver_connection_of

SESSION: Mapping[str, str] = {
    "application_name": "baton",
    "idle_in_transaction_session_timeout": "15000",
    "lock_timeout": "10000",
    "statement_timeout": "30000",
    "jit": "off",
}
POOLER = (
    "BATON_DATABASE_URL leads to a pooler that shares sessions (PgBouncer, pool_mode=transaction or statement): "
    "name PostgreSQL itself, or a pool with pool_mode=session that lets the settings of a session pass"
)
CONNECT_SECONDS = 2.0
COMMAND_SECONDS = 35.0
"""A statement that is not answered for so long will not be: five seconds more than the server's own limit."""
ROLLBACK_SECONDS = 2.0
"""For a rollback to be answered; then the session is ended, which rolls back too."""
KEEP_ALIVE: Mapping[str, int] = {
    "TCP_KEEPIDLE": 15,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 30_000,
}
"""A connection whose other end is gone without a word is missed after 30 s (the last one in milliseconds)."""


async def connect_with_timeouts(database_url: str, session: Mapping[str, str] = SESSION) -> Any:
    """Open a session of asyncpg's whose every wait has an end; raises what the driver raises."""
    raw = await dsn.connect(
        database_url,
        server_settings=dict(session),
        statement_cache_size=500,
        timeout=CONNECT_SECONDS,
        command_timeout=COMMAND_SECONDS,
    )
    _enable_tcp_keepalive(raw._transport.get_extra_info("socket"))  # noqa: SLF001 - the driver offers no other way to its socket
    return raw


async def refuse_shared_sessions(database_url: str) -> None:
    """Raise `NotConfigured` behind a pooler that shares sessions: ours have settings, locks and prepared statements."""
    try:
        raw = await connect_with_timeouts(database_url)
    except asyncpg.PostgresError as error:
        if "startup parameter" not in str(error):
            raise
        raise NotConfigured(POOLER) from error
    try:
        kept = await raw.fetchval("select current_setting('idle_in_transaction_session_timeout')")
    except asyncpg.InvalidSQLStatementNameError as error:
        raise NotConfigured(POOLER) from error
    finally:
        await raw.close(timeout=CONNECT_SECONDS)
    if kept not in {"15s", "15000", "15000ms"}:
        raise NotConfigured(POOLER)


def _enable_tcp_keepalive(plug: Any) -> None:
    if plug.family == socket.AF_UNIX:
        return
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        if hasattr(socket, name):  # not on every system
            plug.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def create_pool(database_url: str, size: int) -> AsyncEngine:
    """Make the pool of a service's connections; nothing connects yet."""
    made = create_async_engine(
        DIALECT,
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,  # each connection that is used keeps its own prepared statements
        isolation_level="AUTOCOMMIT",
        pool_timeout=deadlines.OTHERS_SECONDS,
        async_creator=partial(connect_with_timeouts, database_url),
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
async def begin_transaction(pool: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Yield a connection inside a transaction that commits at the end, and is rolled back on an error.

    Raises `TimeoutError` where no connection is free in time, `SessionLost` in the place of whatever was raised while
    the session ended.
    """
    loop = asyncio.get_running_loop()
    answered_by = loop.time() + deadlines.compute_seconds_left()
    async with AsyncExitStack() as stack:
        with metrics.POOL_WAIT.time():
            async with asyncio.timeout_at(answered_by):
                connection = await stack.enter_async_context(pool.connect())
        raw: Any = await driver_connection_of(connection)
        guard = loop.call_at(answered_by, raw.terminate)
        try:
            async with raw.transaction():
                guard.cancel()
                try:
                    yield connection
                except BaseException:
                    guard = loop.call_later(ROLLBACK_SECONDS, raw.terminate)
                    raise
        except Exception as error:
            if raw.is_closed() and not isinstance(error, SessionLost):
                raise SessionLost from error
            raise
        finally:
            guard.cancel()
