"""A value that many ask for: read one at a time, and never older than who asks can bear."""

import asyncio
import itertools

import pytest

from events.runtime import security
from events.runtime.latest import LatestValue


class Source:
    """What is read, how often, and how many reads ran at once at most."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.running = self.most = 0
        self.failing = False
        self.begun = asyncio.Event()

    async def read(self) -> int:
        self.begun.set()
        self.running += 1
        self.most = max(self.most, self.running)
        number = next(self.numbers)
        await asyncio.sleep(0)
        self.running -= 1
        if self.failing:
            raise ConnectionError
        return number


async def test_a_fresh_value_was_read_after_it_was_asked_for() -> None:
    source = Source()
    latest = LatestValue(source.read)
    assert await latest.read_within_age(60) == 1
    assert await latest.read_within_age(60) == 1
    assert await asyncio.gather(*(latest.read_anew() for _ in range(50))) == [2] * 50
    assert await latest.read_within_age(60) == 2
    assert source.most == 1


async def test_who_asks_while_a_read_is_under_way_waits_for_the_next() -> None:
    source = Source()
    latest = LatestValue(source.read)
    first = asyncio.create_task(latest.read_anew())
    await source.begun.wait()
    assert await latest.read_anew() == 2
    assert await first == 1


async def test_a_read_that_failed_is_not_kept() -> None:
    source = Source()
    latest = LatestValue(source.read)
    source.failing = True
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await latest.read_within_age(60)
    source.failing = False
    assert await latest.read_within_age(60) == 3


async def test_a_flood_of_unknown_keys_is_one_query_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 20, 14: whoever comes while one runs shares the next."""
    asked: list[int] = []

    async def load_keys(_: object, key_ids: list[str]) -> dict[str, security.StoredKey]:
        asked.append(len(key_ids))
        await asyncio.sleep(0)
        return {}

    async def driver(_: object) -> None:
        return None

    monkeypatch.setattr(security, "load_keys", load_keys)
    monkeypatch.setattr(security, "driver_connection_of", driver)
    keys = security.CallerLookup(Connection)  # type: ignore[arg-type]  # nothing is asked of it
    callers = await asyncio.gather(*(keys.find_caller(security.draw_key()[1]) for _ in range(200)))
    assert callers == [None] * 200
    assert sum(asked) == 200
    assert len(asked) <= 2


class Connection:
    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        return None
