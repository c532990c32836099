"""A consumer is closed at whatever instant, and whoever closes it goes on."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from events.runtime import kafka
from tests.containers import Broker


@pytest.fixture
async def places(broker: Broker) -> AsyncIterator[list[TopicPartition]]:
    topic = f"closing.{uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 3, 1)])
    yield [TopicPartition(topic, number) for number in range(3)]
    await admin.delete_topics([topic])
    await admin.close()


@pytest.mark.parametrize("turns", range(4))
async def test_a_consumer_ends_right_after_it_was_assigned_other_partitions(
    broker: Broker, places: list[TopicPartition], turns: int
) -> None:
    """The library takes being ended for the end of the fetch that it is giving up just then, and goes on for ever."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap)
    await consumer.start()
    for assigned in (places, places[:1]):
        consumer.assign(assigned)
        for place in assigned:
            consumer.seek(place, 0)
        if assigned is places:
            await consumer.getmany(timeout_ms=100)
    for _ in range(turns):
        await asyncio.sleep(0)
    ended, _ = await asyncio.wait([asyncio.create_task(kafka.close_consumer(consumer))], timeout=30)
    assert ended
