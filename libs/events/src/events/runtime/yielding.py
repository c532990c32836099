"""Long work in short turns: one loop serves all, and who came with one request waits for who came with thousands."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")

AT_A_TIME = 25
"""Items of a turn: a millisecond or two of the things that a handler does for each."""


async def yielding_to_others(items: Iterable[T]) -> AsyncIterator[T]:
    """Go through items, and let others have their turn now and then."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)
