"""Timers that fell due while nobody ran: all of them, once each, whoever dies on the way."""

import asyncio
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from events.runtime import timers
from tests.containers import Broker

from .conftest import Toy, until

MANY = 10_000
KIND = {"kind": "later"}
CARRIED_OUT = "select times from heard where engagement_id = any($1)"
"""What these timers did; records of other tests on the same topic are heard too."""


def measured() -> float:
    return REGISTRY.get_sample_value("baton_timer_lateness_seconds_count", KIND) or 0.0


@pytest.mark.crash
async def test_ten_thousand_that_are_due_at_a_restart_fire_once_each_in_batches(
    toy: Toy, broker: Broker, tmp_path: Path
) -> None:
    """X4, X33: the first process dies between the lock and the commit; then two run side by side."""
    await toy.service.prepare()
    await toy.service.stop()
    keys = [uuid4() for _ in range(MANY)]
    await toy.rows(
        "insert into timers select 'later', key, gen_random_uuid(), now() - interval '1 hour' * random()"
        " from unnest($1::uuid[]) as k(key)",
        keys,
    )
    dying = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.events.runtime.crashing",
        "in the handler before commit", toy.url, broker.bootstrap, str(tmp_path), toy.service.name,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(90):
        assert await dying.wait() == 9
    assert await toy.rows(CARRIED_OUT, keys) == []
    beside = Toy(toy.url, broker.bootstrap, tmp_path)
    beside.service.name = toy.service.name
    beside.service.settings = toy.service.settings.model_copy(update={"instance": "toy-1"})
    before = measured()
    async with toy.running(), beside.running():
        await until(lambda: _none_left(toy), 120)
    fired = [due.key for due in (*toy.fired, *beside.fired)]
    assert (len(fired), len(set(fired)), measured() - before) == (MANY, MANY, MANY)
    assert max(toy.most_at_once, beside.most_at_once) <= timers.AT_ONCE
    assert [row["times"] for row in await toy.rows(CARRIED_OUT, keys)] == [1] * MANY


async def _none_left(toy: Toy) -> bool:
    return not await toy.rows("select from timers limit 1")
