"""A service's loops: whatever ends one starts it again."""

import asyncio

import pytest

from events.runtime.logging import ALLOWED
from events.runtime.loops import Loops


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


def test_log_lines_may_name_the_sqlstate() -> None:
    assert "sqlstate" in ALLOWED
