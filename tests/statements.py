"""The statements that go to PostgreSQL, listed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest


@contextmanager
def recorded_statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """List the statements that go to PostgreSQL."""
    seen: list[str] = []
    plain, prepared = asyncpg.Connection.execute, asyncpg.Connection.fetch

    async def execute(self: Any, query: str, *args: Any, **more: Any) -> Any:
        seen.append(query)
        return await plain(self, query, *args, **more)

    async def fetch(self: Any, query: str, *args: Any, **more: Any) -> Any:
        seen.append(query)
        return await prepared(self, query, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "execute", execute)
        patch.setattr(asyncpg.Connection, "fetch", fetch)
        yield seen
