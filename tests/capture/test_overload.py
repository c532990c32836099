"""When there is more to do than can be done in time, the next one is told to come back, and nothing is done for it."""

import asyncio
from collections.abc import Sequence

import pytest

from events.runtime import Batcher, Transaction, deadlines
from events.runtime.errors import InternalError
from events.runtime.problems import RETRY_LATER, Problem
from events.runtime.protocol import LONGEST_WAIT, SHORT_LINE, OpenRequestLimit
from events.runtime.testing import ServiceHarness


class Backlog:
    """Whatever is handed in lies there until the desk opens."""

    def __init__(self, harness: ServiceHarness) -> None:
        self.opens = asyncio.Event()
        self.done: list[int] = []
        self.line = Batcher[int, int](lambda: harness.service, self._work)

    async def _work(self, batch: Sequence[int], _: Transaction) -> list[int]:
        await self.opens.wait()
        self.done += batch
        return list(batch)


async def test_who_waits_too_long_gets_an_answer_and_nothing_is_done_for_them(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    backlog = Backlog(harness)
    first = asyncio.create_task(backlog.line.submit(1))
    await asyncio.sleep(0)
    monkeypatch.setattr(deadlines, "PATIENCE_SECONDS", 0.01)
    refused = await asyncio.gather(*(backlog.line.submit(number) for number in (2, 3)), return_exceptions=True)
    assert [(each.status, each.code) for each in refused if isinstance(each, Problem)] == [(503, "overloaded")] * 2
    assert all(isinstance(each, Problem) and each.headers for each in refused)
    backlog.opens.set()
    assert await first == 1
    assert await backlog.line.submit_many([4]) == [4]
    assert backlog.done == [1, 4]


async def test_who_is_being_served_when_time_is_up_gets_another_code(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "PATIENCE_SECONDS", 0.01)
    backlog = Backlog(harness)
    with pytest.raises(Problem) as caught:
        await backlog.line.submit(1)
    assert (caught.value.status, caught.value.code, caught.value.headers) == (503, "answer_late", RETRY_LATER)
    backlog.opens.set()
    assert await backlog.line.submit_many([2]) == [2]
    assert backlog.done == [1, 2]


def test_a_crowd_is_too_much_where_there_are_too_many_or_many_that_wait_long() -> None:
    crowd = OpenRequestLimit(most=1000)
    assert not crowd.is_too_much(999)
    assert crowd.is_too_much(1000)
    crowd.note_answer(3 * LONGEST_WAIT)
    assert not crowd.is_too_much(999)
    for _ in range(20):
        crowd.note_answer(2 * LONGEST_WAIT)
    assert crowd.is_too_much(999)
    assert not crowd.is_too_much(SHORT_LINE - 1)


async def test_one_that_fails_spoils_nothing_for_those_that_came_with_it(harness: ServiceHarness) -> None:
    """What fails together is done again one by one: each learns its own fate; of many, those that were done."""
    done: list[int] = []

    async def act(batch: Sequence[int], _: Transaction) -> list[int]:
        if 3 in batch:
            raise ZeroDivisionError
        done.extend(batch)
        return [-number for number in batch]

    line = Batcher[int, int](lambda: harness.service, act)
    together = (line.submit(1), line.submit_many([2, 3, 4]), line.submit_many([5, 6]), line.submit(3))
    answers = await asyncio.gather(*together, return_exceptions=True)
    first, many, others, alone = answers
    assert (first, others, type(alone)) == (-1, [-5, -6], ZeroDivisionError)
    assert isinstance(many, list)
    assert [each if isinstance(each, int) else type(each) for each in many] == [-2, InternalError, -4]
    assert done == [1, 2, 4, 5, 6]


async def test_more_than_go_together_are_answered_in_their_order(harness: ServiceHarness) -> None:
    taken: list[int] = []

    async def act(batch: Sequence[int], _: Transaction) -> list[int]:
        taken.append(len(batch))
        return list(batch)

    line = Batcher[int, int](lambda: harness.service, act, most=3)
    answers = await asyncio.gather(line.submit_many(range(7)), line.submit_many([7, 8]), line.submit(9))
    assert list(answers) == [[0, 1, 2, 3, 4, 5, 6], [7, 8], 9]
    assert taken == [3, 3, 3, 1]
