"""Asking a service's database one question, for commands that need no more than that."""

from typing import Any, Protocol

import asyncpg

from events.runtime import dsn

DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""All that the driver raises; the last one comes from a session that was cut within an answer."""


class Connection(Protocol):
    """What of asyncpg's connection is used here (asyncpg has no types)."""

    async def fetch(self, query: str, *values: Any) -> list[Any]:
        """Run a query and give its rows."""
        ...

    async def fetchrow(self, query: str, *values: Any) -> Any:
        """Run a query and give its first row."""
        ...

    async def fetchval(self, query: str, *values: Any) -> Any:
        """Run a query and give the first value of its first row."""
        ...

    async def execute(self, query: str, *values: Any) -> str:
        """Run a statement and give its status line."""
        ...

    async def prepare(self, query: str) -> Any:
        """Prepare a statement."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


async def connect(url: str) -> Connection:
    """Open a connection; the caller closes it."""
    connection: Connection = await dsn.connect(url)
    return connection


async def fetch(url: str, sql: str, *values: Any) -> list[dict[str, Any]]:
    """Return the rows of one query."""
    connection = await connect(url)
    try:
        return [dict(row) for row in await connection.fetch(sql, *values)]
    finally:
        await connection.close()


async def execute(url: str, sql: str, *values: Any) -> int:
    """Run one statement and return how many rows it touched."""
    connection = await connect(url)
    try:
        last = (await connection.execute(sql, *values)).rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0
    finally:
        await connection.close()
