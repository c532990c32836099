"""The client of the benches measures what it says: answers by when they were due, leads by their assignment."""

import asyncio
from contextlib import suppress
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from events.topics import LEADS_ASSIGNED
from tests.bench.steady import Assignments, percentiles
from tests.containers import Broker


def test_percentiles_are_of_all_and_of_nothing_there_are_none() -> None:
    assert percentiles("answered", [value / 1000 for value in range(1, 101)]) == {
        "answered_ms_p50": 51.0,
        "answered_ms_p99": 100.0,
    }
    assert percentiles("answered", [0.25]) == {"answered_ms_p50": 250.0, "answered_ms_p99": 250.0}
    assert percentiles("answered", []) == {}


async def test_each_contact_is_followed_to_its_first_assignment(broker: Broker) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    with suppress(TopicAlreadyExistsError):
        await admin.create_topics([NewTopic(LEADS_ASSIGNED.name, LEADS_ASSIGNED.partitions, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
    contacts = [str(uuid4()).encode() for _ in range(3)]
    async with Assignments(broker.bootstrap) as assignments:
        taken = dict.fromkeys(contacts, asyncio.get_running_loop().time())
        await producer.start()
        try:
            for contact in [*contacts, *contacts]:
                await producer.send_and_wait(LEADS_ASSIGNED.name, b"{}", contact)
        finally:
            await producer.stop()
        found = await assignments.after(taken)
    assert found["never_assigned"] == 0
    assert 0 < found["assigned_ms_p50"] <= found["assigned_ms_p99"]
