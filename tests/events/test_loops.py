"""A service's loops: whatever ends one starts it again."""

import asyncio

import pytest

from events.runtime import metrics
from events.runtime.logging import ALLOWED
from events.runtime.loops import Loops, run_rounds


async def test_a_loop_that_fails_is_started_again_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raised: ending the process would take the healthy loops with it."""
    monkeypatch.setattr("events.runtime.retry.FIRST_DELAY", 0.001)
    tries: list[int] = []
    going_on = asyncio.Event()

    async def fails_twice() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ZeroDivisionError
        going_on.set()
        await asyncio.Event().wait()

    loops = Loops()
    loops.start("fails", fails_twice)
    loops.start("fails", fails_twice)
    async with asyncio.timeout(10):
        await going_on.wait()
    assert (len(tries), loops.list_ended()) == (3, [])
    await loops.stop()
    assert loops.list_ended() == []


async def test_rounds_follow_each_other_while_there_is_work_and_outlive_their_failures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An outage passes by itself; what else fails is counted. Neither ends the loop, nor stops a cancellation."""
    monkeypatch.setattr("events.runtime.retry.FIRST_DELAY", 0.001)
    outcomes: list[int | Exception] = [2, ZeroDivisionError(), OSError(), 1, 0]
    enough = asyncio.Event()

    async def work_once() -> int:
        if not outcomes:
            enough.set()
            return 0
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    counted = metrics.TASK_FAILURES.labels("rounds")._value
    before = counted.get()
    working = asyncio.create_task(run_rounds("rounds", work_once, pause_seconds=0.001))
    async with asyncio.timeout(10):
        await enough.wait()
    assert counted.get() - before == 1
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_round_that_worked_ends_a_row_of_failures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also one that found something to do: the next failure is the first of its row, and has a line of its own."""
    monkeypatch.setattr("events.runtime.retry.FIRST_DELAY", 0.001)
    outcomes: list[int | Exception] = [0, OSError(), 1, OSError()]

    async def work_once() -> int:
        outcome = outcomes.pop() if outcomes else asyncio.CancelledError()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    with pytest.raises(asyncio.CancelledError):
        await run_rounds("rounds", work_once, pause_seconds=0.001)
    assert capsys.readouterr().out.count("round_failed") == 2


def test_log_lines_may_name_the_sqlstate() -> None:
    assert "sqlstate" in ALLOWED
