"""Who came with thousands of things does not keep the others waiting."""

import asyncio

from events.runtime.yielding import AT_A_TIME, yielding_to_others


async def test_long_work_gives_others_their_turn_and_leaves_nothing_out() -> None:
    done: list[int | str] = []

    async def many() -> None:
        async for number in yielding_to_others(range(3 * AT_A_TIME)):
            done.append(number)  # noqa: PERF401 - in the order of what happens

    async def step() -> None:
        done.append("one")

    await asyncio.gather(many(), step())
    assert done.index("one") == AT_A_TIME
    assert [each for each in done if each != "one"] == list(range(3 * AT_A_TIME))
