"""A value that is read from the database and kept for a moment; who needs a newer one shares the next read."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from events.runtime.deadlines import timeout_at_request_deadline

T = TypeVar("T")

SPACING_SECONDS = 0.05
"""From the start of one read to the next: so often at most is the database asked, however many ask us."""


class LatestValue(Generic[T]):
    """The last value read. Reads begin at least `SPACING_SECONDS` apart, one at a time; a failed one is not kept."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._kept: tuple[float, T] | None = None
        """When the read began, and what it returned."""
        self._began = 0.0
        self._next: asyncio.Task[None] | None = None

    async def read_within_age(self, seconds: float) -> T:
        """Return a value whose read began at most so many seconds ago."""
        return await self._read_begun_since(time.monotonic() - seconds)

    async def read_anew(self) -> T:
        """Return a value whose read begins after this call: it knows whatever was committed before."""
        return await self._read_begun_since(time.monotonic())

    async def _read_begun_since(self, instant: float) -> T:
        while self._kept is None or self._kept[0] < instant:
            if self._next is None:
                self._next = asyncio.get_running_loop().create_task(self._read_again())
            async with timeout_at_request_deadline():
                await asyncio.shield(self._next)
        return self._kept[1]

    async def _read_again(self) -> None:
        try:
            await asyncio.sleep(max(0.0, self._began + SPACING_SECONDS - time.monotonic()))
            self._began = time.monotonic()
            self._kept = (self._began, await self._read())
        finally:
            self._next = None
