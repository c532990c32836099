"""Records that nobody should have produced: poison in each of their parts, and everything once more."""

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from events.runtime import kafka
from events.topics import TOPICS, Topic
from tests.chaos.fault import fault
from tests.chaos.rig import Rig

Headers = list[tuple[str, bytes]]
Poison = Callable[[str, bytes, Headers], tuple[bytes | None, bytes | None, Headers]]
"""Takes an id, a good key and good headers; returns key, value and headers of a record that nobody can read."""

CONSUMED = [topic for topic in TOPICS if topic.consumers]
AGAIN = 60
POISONS_AT_ONCE = 4
READ_MS = 200


def _with(headers: Headers, name: str, value: bytes) -> Headers:
    return [(header, value if header == name else kept) for header, kept in headers]


def _without(headers: Headers, name: str) -> Headers:
    return [(header, value) for header, value in headers if header != name]


POISONS: dict[str, Poison] = {
    "NUL in ce_id": lambda i, k, h: (k, b"{}", _with(h, "ce_id", f"{i}\0".encode())),
    "NUL in ce_type": lambda _, k, h: (k, b"{}", _with(h, "ce_type", b"contact\0captured")),
    "NUL in ce_source": lambda _, k, h: (k, b"{}", _with(h, "ce_source", b"\0")),
    "NUL in a header's name": lambda _, k, h: (k, b"{}", [*h, ("x\0y", b"z")]),
    "NUL in traceparent": lambda _, k, h: (k, b"{}", [*h, ("traceparent", b"00-\0")]),
    "no text in ce_id": lambda i, k, h: (k, b"{}", _with(h, "ce_id", i.encode() + b"\xff\xfe")),
    "no text in ce_time": lambda _, k, h: (k, b"{}", _with(h, "ce_time", b"\xff")),
    "year 1 with an offset": lambda _, k, h: (k, b"{}", _with(h, "ce_time", b"0001-01-01T00:00:00+14:00")),
    "year 9999 with an offset": lambda _, k, h: (k, b"{}", _with(h, "ce_time", b"9999-12-31T23:59:59-14:00")),
    "no ce_time": lambda _, k, h: (k, b"{}", _without(h, "ce_time")),
    "no ce_id": lambda _, k, h: (k, b"{}", _without(h, "ce_id")),
    "no headers": lambda _, k, _h: (k, b"{}", []),
    "a header repeated": lambda i, k, h: (k, b"{}", [*h, ("ce_id", f"{i}-again".encode())]),
    "a sequence that is none": lambda _, k, h: (k, b"{}", _with(h, "ce_sequence", b"9" * 5000)),
    "an enormous header": lambda _, k, h: (k, b"{}", [*h, ("x", b"y" * 200_000)]),
    "no key": lambda _, _k, h: (None, b"{}", h),
    "a key that is no text": lambda _, _k, h: (b"\xff\x00\xfe", b"{}", h),
    "an empty value": lambda _, k, h: (k, b"", h),
    "a value that is no text": lambda _, k, h: (k, b"\xff\xfe\x00", h),
    "a value that is no object": lambda _, k, h: (k, b"[[[1]]]", h),
    "deep nesting": lambda _, k, h: (k, b"[" * 50_000, h),
    "an enormous value": lambda _, k, h: (k, b'{"a":"' + b"x" * 200_000 + b'"}', h),
    "a NUL in the value": lambda _, k, h: (k, b'{"contact_id":"\\u0000"}', h),
    "a future version": lambda _, k, h: (k, b"{}", _with(h, "ce_type", b"contact.captured.v99")),
    "an unknown type": lambda _, k, h: (k, b"{}", _with(h, "ce_type", b"weather.changed.v1")),
}

REFUSED_WHERE_COMPACTED = ("no key",)
"""What Kafka itself does not take on a compacted topic."""


def headers(identity: str, topic: Topic) -> Headers:
    """Return the headers of a good record of this topic."""
    return [
        ("ce_id", identity.encode()),
        ("ce_type", topic.events[0].ce_type.encode()),
        ("ce_source", b"chaos"),
        ("ce_specversion", b"1.0"),
        ("ce_time", datetime.now(UTC).isoformat().encode()),
        ("ce_sequence", b"1"),
        ("content-type", b"application/json"),
    ]


@fault("poison", "X23", "X24", "X45", short=True)
async def poison(rig: Rig, dice: random.Random) -> str:
    """Put unreadable records on every topic, bad in one part each, between good ones."""
    names = dice.sample(sorted(POISONS), POISONS_AT_ONCE)
    producer = AIOKafkaProducer(bootstrap_servers=rig.cluster.bootstrap, max_request_size=1_000_000)
    await producer.start()
    try:
        for topic in CONSUMED:
            for name in names:
                if topic.compacted and name in REFUSED_WHERE_COMPACTED:
                    continue
                identity = str(UUID(int=dice.getrandbits(128), version=4))
                key, value, made = POISONS[name](identity, identity.encode(), headers(identity, topic))
                where = await producer.send_and_wait(topic.name, value, key=key, headers=made)
                rig.mark("poison", (topic.name, where.partition, where.offset))
                await asyncio.sleep(dice.uniform(0, 0.1))
    finally:
        await producer.stop()
    return ", ".join(names)


@fault("duplicates", "X27", short=True)
async def duplicates(rig: Rig, dice: random.Random) -> str:
    """Produce the last records of every topic once more, byte for byte."""
    count = 0
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.cluster.bootstrap, enable_auto_commit=False)
    producer = AIOKafkaProducer(bootstrap_servers=rig.cluster.bootstrap, max_request_size=1_000_000)
    await consumer.start()
    await producer.start()
    try:
        for topic in dice.sample(CONSUMED, len(CONSUMED)):
            for record in await last_records(consumer, topic.name, AGAIN):
                if (topic.name, record.partition, record.offset) in rig.marks.get("poison", ()):
                    continue
                await producer.send(
                    topic.name, record.value, key=record.key, partition=record.partition, headers=list(record.headers)
                )
                count += 1
        await producer.flush()
    finally:
        await producer.stop()
        await kafka.close_consumer(consumer)
    return f"{count} records"


async def last_records(consumer: AIOKafkaConsumer, topic: str, most: int) -> list[ConsumerRecord]:
    """Return the last records of each partition, `most` at a partition."""
    client = await consumer._client.fetch_all_metadata()
    parts = [TopicPartition(topic, number) for number in client.partitions_for_topic(topic) or ()]
    ends = await consumer.end_offsets(parts)
    begins = await consumer.beginning_offsets(parts)
    consumer.assign(parts)
    for part in parts:
        consumer.seek(part, max(begins[part], ends[part] - most))
    found: list[ConsumerRecord] = []
    while [part for part in parts if await consumer.position(part) < ends[part]]:
        for records in (await consumer.getmany(timeout_ms=READ_MS)).values():
            found += records
    return [record for record in found if record.offset < ends[TopicPartition(topic, record.partition)]]


def bad_records(topic: Topic, identities: Iterator[str]) -> Iterator[tuple[bytes | None, bytes | None, Headers]]:
    """Return a record of each kind of poison for a topic."""
    for make in POISONS.values():
        identity = next(identities)
        yield make(identity, identity.encode(), headers(identity, topic))
