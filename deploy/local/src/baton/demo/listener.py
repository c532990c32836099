"""Reads the topics as anybody could: plain aiokafka, CloudEvents headers, JSON. None of Baton's code.

Topics are read from their start, so a demonstration that was cut short reads its own past first.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from baton import clusters
from baton.exit_codes import FoundWrongError

TOPICS = (
    "contacts.captured.v1",
    "leads.qualified.v1",
    "leads.assigned.v1",
    "leads.worked.v1",
    "leads.recycled.v1",
    "sla.flagged.v1",
)
"""The topics that hold facts. The compacted ones hold snapshots: how many depends on batching."""

POLL_MS = 50
MOST_RECORDS = 5_000


@dataclass(frozen=True, slots=True)
class PublishedFact:
    """One record: where it stood, its CloudEvents attributes, its value."""

    topic: str
    id: str
    kind: str
    sequence: int
    contact_id: str
    value: dict[str, Any]

    @property
    def happened_at(self) -> datetime:
        """When it happened (UTC)."""
        return datetime.fromisoformat(self.value["occurred_at"])


@dataclass
class TopicListener:
    """A consumer of all partitions of the topics, without a group."""

    bootstrap: str
    rung: str = "given"
    _consumer: AIOKafkaConsumer | None = None
    _next: dict[TopicPartition, int] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        consumer = AIOKafkaConsumer(
            *TOPICS,
            **clusters.client_arguments(self.bootstrap, self.rung),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=1_048_576,
            fetch_max_wait_ms=100,
            metadata_max_age_ms=3_600_000,
        )
        await consumer.start()
        for partition in consumer.assignment():
            consumer.seek(partition, self._next.setdefault(partition, 0))
        if {partition.topic for partition in self._next} != set(TOPICS):
            await consumer.stop()
            raise FoundWrongError("not all topics are there yet")
        self._consumer = consumer
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._consumer is not None:
            await self._consumer.stop()
            self._consumer = None

    async def has_lost_records(self) -> bool:
        """Return whether a topic ends before what was read of it: its broker lost it."""
        assert self._consumer is not None  # noqa: S101 - opened by `async with`
        ends = await self._consumer.end_offsets(list(self._next))
        return any(end < self._next[partition] for partition, end in ends.items())

    async def read_new_facts(self, seconds: float = 60) -> list[PublishedFact]:
        """Return the facts since the last call up to where the topics end now.

        Those of one partition are in order.
        """
        assert self._consumer is not None  # noqa: S101 - opened by `async with`
        consumer = self._consumer
        ends = await consumer.end_offsets(list(self._next))
        facts: list[PublishedFact] = []
        deadline = time.monotonic() + seconds
        self._reread_truncated_topics(consumer, ends)
        while any(self._next[partition] < end for partition, end in ends.items()):
            polled = await consumer.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
            for partition, records in polled.items():
                self._next[partition] = records[-1].offset + 1
                facts.extend(_records_to_events(partition.topic, records))
            if time.monotonic() > deadline:
                raise FoundWrongError(f"the topics could not be read to their ends in {seconds:g} s")
        return facts

    def _reread_truncated_topics(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> None:
        """Read a topic from its start that lost what was read already: its broker came back empty."""
        for partition, end in ends.items():
            if end < self._next[partition]:
                self._next[partition] = 0
                consumer.seek(partition, 0)


def _records_to_events(topic: str, records: list[Any]) -> Iterator[PublishedFact]:
    for record in records:
        headers = dict(record.headers)
        if record.value is None or "ce_id" not in headers:
            continue
        yield PublishedFact(
            topic=topic,
            id=headers["ce_id"].decode(),
            kind=headers["ce_type"].decode(),
            sequence=int(headers["ce_sequence"]),
            contact_id=record.key.decode(),
            value=orjson.loads(record.value),
        )
