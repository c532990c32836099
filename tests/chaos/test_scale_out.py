"""Copies of each service come and go under load: nothing is lost and each contact keeps its order."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from baton import kafka
from baton.ports import free_port
from baton.services import SERVICES
from tests.chaos import rig, running
from tests.chaos.copies import ORDERLY
from tests.chaos.history import History
from tests.chaos.load import clients
from tests.chaos.rig import Rig, Size, new_copy

RATE, SEED = 8.0, 5
STOP_SECONDS = 25.0

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(kafka.choose_kafka() != "apache", reason="needs Apache Kafka of its own (Java 17+ and Maven)"),
]


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    """Two copies of each service, which become three, then one."""
    async with rig.up(tmp_path_factory.mktemp("scale"), Size()) as system:
        yield system


async def test_copies_that_come_and_go_under_load_lose_nothing_and_keep_the_order(system: Rig) -> None:
    """X29, X37: a third copy of each service joins, then the first and the second leave, each in order and in time."""
    with History(system.folder / "history.jsonl") as history:
        async with clients(system, history, SEED, RATE):
            for service in SERVICES:
                await a_copy_more_then_a_copy_less(system, service.name)
        findings = await running.judged(system, history)
    assert [str(finding) for finding in findings] == []
    assert system.ended == []
    assert history.summary()["accepted"] > 0


async def a_copy_more_then_a_copy_less(system: Rig, name: str) -> None:
    """Add a copy on a port of its own; when it is ready, have the second one leave."""
    _, second = system.of(name)
    third = new_copy(system, second.service, second.lane, free_port(), instance=f"{name}-third")
    third.start()
    system.copies.append(third)
    assert await system.all_ready() == []
    system.copies.remove(second)
    seconds, code = await asyncio.to_thread(second.stop)
    assert code in ORDERLY
    assert seconds <= STOP_SECONDS
