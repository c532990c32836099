"""A database of scoring with a real past in it, for whoever reads it from outside."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

import scoring
from baton.simulation.past import ENGAGEMENT, FACT
from events.runtime import migrate
from scoring.domain import Engagement, LifecycleFact
from tests.containers import Server


class Database:
    """Scoring's tables, written to as scoring would."""

    def __init__(self, url: str, raw: Any) -> None:
        self.url = url
        self.raw = raw

    async def keep(self, *parts: Engagement | LifecycleFact) -> None:
        """Put engagements and turns into their tables."""
        for part in parts:
            table, names = ("turns", FACT) if isinstance(part, LifecycleFact) else ("engagements", ENGAGEMENT)
            values = [getattr(part, name) for name in names]
            values = [orjson.dumps(value).decode() if isinstance(value, dict) else value for value in values]
            places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
            await self.raw.execute(f"insert into {table} ({', '.join(names)}) values ({places})", *values)  # noqa: S608


@pytest.fixture
async def database(server: Server) -> AsyncIterator[Database]:
    """Return an empty, migrated database of scoring."""
    url = await asyncio.to_thread(server.create_database, "scoring_past")
    await migrate.apply_migrations(url, Path(str(scoring.__file__)).parent / "migrations")
    raw = await asyncpg.connect(url)
    try:
        for table in ("engagements", "turns", "accounts"):
            await raw.execute(f"truncate {table}")
        yield Database(url, raw)
    finally:
        await raw.close()
