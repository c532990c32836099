"""Lag is what the broker has and the database has not, whatever the client has fetched meanwhile."""

import asyncio
from typing import Any

from aiokafka import TopicPartition

from events.runtime import metrics
from events.runtime.progress import ConsumerProgress, PartitionProgress
from events.topics import CONTACTS_CAPTURED
from tests.events.runtime.conftest import Outsider, Toy, captured, until

TOPIC = CONTACTS_CAPTURED.name


def shown(metric: Any) -> float:
    return float(metric.labels(TOPIC)._value.get())


def test_what_is_behind_is_what_can_still_be_applied() -> None:
    """Deleted records cannot be waited for; beyond the end, the topic is another one and all of it is unread."""
    assert PartitionProgress(position=5, start=0, end=9).records_behind == 4
    assert PartitionProgress(position=5, start=7, end=9).records_behind == 2
    assert PartitionProgress(position=5, start=9, end=9).records_behind == 0
    assert PartitionProgress(position=9, start=2, end=5).records_behind == 3


async def test_records_that_are_fetched_and_not_applied_count(toy: Toy, outsider: Outsider) -> None:
    """A handler that stands still shows in records, in seconds, by partition, and keeps timers waiting."""
    going_on, standing = asyncio.Event(), asyncio.Event()

    async def stand() -> None:
        standing.set()
        await going_on.wait()

    async with toy.running():
        progress = toy.service.progress
        assert isinstance(progress, ConsumerProgress)
        await until(progress_known(progress))
        await until(progress.has_caught_up)
        toy.before_commit = stand
        await outsider.send(*(captured() for _ in range(3)))
        await standing.wait()
        await until(at_least(3, progress))
        assert not await progress.has_caught_up()
        assert (await toy.service.status())["lag"][TOPIC] == 3

        async def dated() -> bool:
            return shown(metrics.LAG_SECONDS) > 1.0

        await until(dated)
        stalled = progress.list_stalled(0.5, toy.service.consumer.active_partitions if toy.service.consumer else ())
        assert stalled
        assert {place.topic for place in stalled} == {TOPIC}
        assert progress.list_stalled(0.5, {TopicPartition("other", 0)}) == []
        toy.before_commit = None
        going_on.set()
        await until(progress.has_caught_up)

        async def at_rest() -> bool:
            return shown(metrics.LAG) == 0 and shown(metrics.LAG_SECONDS) == 0

        await until(at_rest)
        assert progress.list_stalled(0.0) == []


async def test_a_record_is_behind_before_anybody_is_assigned(toy: Toy, outsider: Outsider) -> None:
    async with toy.running():
        pass
    before = captured()
    await outsider.send(before)
    progress = ConsumerProgress(
        service="toy", servers=toy.service.settings.kafka_bootstrap_servers, topics=[TOPIC], connect=toy.service.connect
    )
    running = asyncio.get_running_loop().create_task(progress.run())
    try:
        await until(progress_known(progress))

        async def seen() -> bool:
            return progress.records_behind[TOPIC] > 0

        await until(seen)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await toy.service.stop()


def progress_known(progress: ConsumerProgress) -> Any:
    async def known() -> bool:
        return progress.looked_at is not None and bool(progress.places)

    return known


def at_least(records: int, progress: ConsumerProgress) -> Any:
    async def reached() -> bool:
        return progress.records_behind[TOPIC] >= records and shown(metrics.LAG) >= records

    return reached
