"""When there is more to do than can be done in time, the next one is told to come back, and nothing is done for it."""

import asyncio
from collections.abc import Sequence

import pytest

from events.runtime import Gather, Transaction, gather
from events.runtime.problems import Problem
from events.runtime.testing import Room


class Desk:
    """Whatever is handed in lies there until the desk opens."""

    def __init__(self, room: Room) -> None:
        self.opens = asyncio.Event()
        self.done: list[int] = []
        self.line = Gather[int, int](lambda: room.service, self._work)

    async def _work(self, batch: Sequence[int], _: Transaction) -> list[int]:
        await self.opens.wait()
        self.done += batch
        return list(batch)


async def test_who_waits_too_long_is_told_so_and_nothing_is_done_for_them(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(room)
    first = asyncio.create_task(desk.line.submit(1))
    await asyncio.sleep(0)
    monkeypatch.setattr(gather, "PATIENCE_SECONDS", 0.01)
    refused = await asyncio.gather(*(desk.line.submit(number) for number in (2, 3)), return_exceptions=True)
    assert [(each.status, each.code) for each in refused if isinstance(each, Problem)] == [(503, "overloaded")] * 2
    assert all(isinstance(each, Problem) and each.headers for each in refused)
    desk.opens.set()
    assert await first == 1
    assert await desk.line.submit_many([4]) == [4]
    assert desk.done == [1, 4]


async def test_a_line_that_is_too_long_takes_nobody_else(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(room)
    monkeypatch.setattr(gather, "LONGEST_LINE", 2)
    waiting = [asyncio.create_task(desk.line.submit(number)) for number in (1, 2, 3)]
    for _ in range(3):
        await asyncio.sleep(0)
    more = [asyncio.create_task(desk.line.submit(number)) for number in (4, 5)]
    await asyncio.sleep(0)
    with pytest.raises(Problem) as refused:
        await desk.line.submit(6)
    assert refused.value.headers == {"Retry-After": "2"}
    desk.opens.set()
    answers = await asyncio.gather(*waiting, *more, return_exceptions=True)
    assert sorted(answer for answer in answers if isinstance(answer, int)) == sorted(desk.done)
    assert 6 not in desk.done
