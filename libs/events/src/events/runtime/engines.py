"""SQLAlchemy's engines for a service's PostgreSQL: how they name the driver, and one without a pool."""

from functools import partial

from sqlalchemy import pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from events.runtime import dsn

DIALECT = "postgresql+asyncpg://"


def create_engine(database_url: str) -> AsyncEngine:
    """Return an engine that opens a session for each use, by the URL as libpq writes it."""
    return create_async_engine(DIALECT, poolclass=pool.NullPool, async_creator=partial(dsn.connect, database_url))
