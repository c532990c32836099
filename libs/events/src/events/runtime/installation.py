"""Whose Kafka it is: the first record of one topic names the installation, and another one stays away.

Two installations on one Kafka would share consumer groups: each would take leads of the other's.
"""

import asyncio
import hmac

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from events.acls import INSTALLATION_TOPIC
from events.runtime import kafka
from events.runtime.kafka_refusals import raise_right_missing

TOPIC = INSTALLATION_TOPIC
PLACE = TopicPartition(TOPIC.name, 0)
READ_SECONDS = 10.0


class AnotherInstallation(Exception):
    """This Kafka belongs to another installation."""


def derive_installation_name(secret: str) -> str:
    """Return the public name of an installation, which says nothing about its secret."""
    return hmac.digest(secret.encode(), b"installation", "sha256").hex()[:16]


async def claim_kafka(servers: kafka.Servers, mine: str) -> None:
    """Write our name where nobody has; raises `AnotherInstallation` where another one stands first."""
    owner = await read_kafka_owner(servers)
    if owner is None:
        producer = AIOKafkaProducer(**kafka.client_arguments(servers), acks="all")
        await producer.start()
        try:
            with raise_right_missing(servers, "Write"):
                await producer.send_and_wait(TOPIC.name, mine.encode(), key=TOPIC.key.encode(), partition=0)
        finally:
            await producer.stop()
        owner = await read_kafka_owner(servers)
    refuse_foreign_kafka(owner, mine)


def refuse_foreign_kafka(owner: str | None, mine: str) -> None:
    """Raise `AnotherInstallation` where a Kafka is not ours."""
    if owner not in {None, mine}:
        raise AnotherInstallation(
            f"this Kafka belongs to the installation {owner}, and we are {mine} (by BATON_SECRET): use another Kafka"
        )


async def read_kafka_owner(servers: kafka.Servers) -> str | None:
    """Return the name of the installation that a Kafka belongs to, or None where none has written it yet."""
    consumer = AIOKafkaConsumer(**kafka.client_arguments(servers), enable_auto_commit=False)
    await consumer.start()
    try:
        known = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - it asks without subscribing
        if not known.partitions_for_topic(TOPIC.name):
            return None
        consumer.assign([PLACE])
        await consumer.seek_to_beginning(PLACE)
        if (await consumer.end_offsets([PLACE]))[PLACE] == 0:
            return None
        with raise_right_missing(servers, "Read"):
            async with asyncio.timeout(READ_SECONDS):
                record = await consumer.getone(PLACE)
        return str((record.value or b"").decode(errors="replace"))
    finally:
        await kafka.close_consumer(consumer)
