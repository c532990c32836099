"""The owner of a compacted topic reads it back: whoever speaks late, the last record of each key is the current one.

A relay that was stopped in its round and wakes late sends what it had in its hands, after newer records. On other
topics that is a duplicate like any other; on a compacted topic it would stand for ever. A record older than its stream
is in doubt, because mostly the newer one is only on its way. It is settled by what Kafka orders: once the newest is not
in the outbox any more it has been acknowledged, so it lies before the log's end as of then; a reader that came so far
and saw no newer record knows that the old one came after it.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy.ext.asyncio import AsyncConnection

from events.envelope import LONGEST_NUMBER
from events.runtime import decoding, journal, kafka, metrics, retry, topic_setup
from events.runtime.kafka_refusals import raise_right_missing
from events.runtime.logging import logger
from events.runtime.transaction import driver_connection_of
from events.topics import TOPICS, Topic

log = logger()

GATHER_MS = 5_000
"""The broker gathers records for so long before it answers: a few large batches, and nothing while nothing comes."""
RECORDS = 1_000
"""Of a turn: while they are read, nobody else is."""
LOOK_AGAIN_SECONDS = 5.0
"""When to ask again about a key whose newest record was still in the outbox."""
LONGEST_PAUSE = 5.0
"""Seconds before the next try, at most, when Kafka or PostgreSQL is away."""

Stream = tuple[str, str]
"""A topic and a key."""


@dataclass(slots=True)
class UnconfirmedRecord:
    """The last record read of a stream, until it is known to be the newest or set right."""

    place: TopicPartition
    offset: int
    sequence: int
    look_at: float = 0.0
    newest: int = 0
    """The number of the newest record, once that is known to be on the topic."""
    end: int = 0
    """Where the log ended after that."""


def list_own_compacted_topics(service: str) -> tuple[Topic, ...]:
    """Return the compacted topics that a service publishes on."""
    return tuple(topic for topic in TOPICS if topic.compacted and service in topic.producers)


class Readback(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Follows a service's own compacted topics as a group of its own, so that one process at a time reads each part."""

    def __init__(
        self,
        *,
        service: str,
        servers: kafka.Servers,
        topics: Sequence[Topic],
        connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        wake: Callable[[], None],
    ) -> None:
        self.group = f"{service}-readback"
        self.source = f"baton/{service}".encode()
        self.servers = servers
        self.topics = sorted(topic.name for topic in topics)
        self.connect = connect
        self.wake = wake
        self._doubts: dict[Stream, UnconfirmedRecord] = {}
        self._read: dict[TopicPartition, int] = {}
        self._settled: dict[TopicPartition, int] = {}
        self._failures = 0
        self._client: AIOKafkaConsumer | None = None

    async def run(self) -> None:
        """Read back until cancelled; an outage of Kafka or PostgreSQL is waited out with a new client."""
        while True:
            try:
                with raise_right_missing(self.servers, "Read"):
                    await self._read_back_with_client()
            except Exception as error:  # noqa: BLE001 - setting others right must not stop the service
                retry.raise_if_cancelled(error)
                self._failures += 1
                seconds = retry.compute_delay(self._failures, LONGEST_PAUSE)
                if not (retry.is_transient(error) or isinstance(error, KafkaError)):
                    metrics.TASK_FAILURES.labels("readback").inc()
                if retry.is_attempt_logged(self._failures):
                    log.warning("readback_restarts", **retry.describe_retry(error, self._failures, seconds))
                await asyncio.sleep(seconds)

    async def _read_back_with_client(self) -> None:
        decoding.install_in_fetcher()
        self._client = client = AIOKafkaConsumer(
            **kafka.client_arguments(self.servers),
            group_id=self.group,
            client_id=self.group,
            fetch_min_bytes=262_144,
            fetch_max_wait_ms=GATHER_MS,
            **topic_setup.MEMBER,
        )
        try:
            await client.start()
            client.subscribe(self.topics, listener=self)
            while True:
                self._note_polled_records(await client.getmany(timeout_ms=2 * GATHER_MS, max_records=RECORDS))
                if self._doubts:
                    await self._confirm_newest_records(client)
                    await self._resend_newest_records(client)
                await self._commit_settled_offsets(client)
                self._failures = 0
        finally:
            self._client = None
            await kafka.close_consumer(client)

    async def on_partitions_revoked(self, _: Collection[TopicPartition]) -> None:
        """Forget what was read: whoever is assigned the partitions reads what was not settled once more."""
        self._doubts.clear()
        self._read.clear()
        self._settled.clear()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Nothing to do: the committed offsets are where to go on."""

    def _note_polled_records(self, polled: Mapping[TopicPartition, Sequence[Any]]) -> None:
        for place, records in polled.items():
            for raw in records:
                sequence = self._read_sequence(raw)
                if sequence is not None:
                    self._doubts[place.topic, raw.key.decode()] = UnconfirmedRecord(place, raw.offset, sequence)
            if records:
                self._read[place] = records[-1].offset + 1

    def _read_sequence(self, raw: Any) -> int | None:
        """The number of a record of this service; None for one of others or one that cannot be read."""
        headers = dict(raw.headers)
        number = headers.get("ce_sequence") or b""
        if headers.get("ce_source") != self.source or not number.isdigit() or len(number) > LONGEST_NUMBER:
            return None
        try:
            return int(number) if raw.key and raw.key.decode().isprintable() else None
        except UnicodeDecodeError:
            return None

    async def _confirm_newest_records(self, client: AIOKafkaConsumer) -> None:
        """Clear what is the newest, leave what is overtaken soon for later, learn how far to read for the rest."""
        now = asyncio.get_running_loop().time()
        asked = {stream: doubt for stream, doubt in self._doubts.items() if not doubt.newest and doubt.look_at <= now}
        if not asked:
            return
        async with self.connect() as connection:
            raw = await driver_connection_of(connection)
            newer = await journal.find_newer_sequences(
                raw, [(*stream, doubt.sequence) for stream, doubt in asked.items()]
            )
        overtaken = []
        for stream, doubt in asked.items():
            sequence, unsent = newer.get(stream, (0, False))
            if not sequence:
                self._doubts.pop(stream, None)
            elif unsent:
                doubt.look_at = now + LOOK_AGAIN_SECONDS
            else:
                doubt.newest = sequence
                overtaken.append(doubt)
        if overtaken:
            ends = await client.end_offsets(sorted({doubt.place for doubt in overtaken}))
            for doubt in overtaken:
                doubt.end = ends[doubt.place]

    async def _resend_newest_records(self, client: AIOKafkaConsumer) -> None:
        """Send the newest record again where the log was read to its end and an older one is still the last."""
        known = {place: await client.position(place) for place in {d.place for d in self._doubts.values() if d.newest}}
        stale = {s: d for s, d in self._doubts.items() if d.newest and known[d.place] >= d.end}
        if not stale:
            return
        async with self.connect() as connection:
            raw = await driver_connection_of(connection)
            found = await journal.requeue_newest(
                raw, [(*s, d.newest, _contact_id_in_key(s[1])) for s, d in stale.items()]
            )
        self.wake()
        for stream in stale:
            self._doubts.pop(stream, None)
        for (topic, key), there in found.items():
            metrics.READBACK.labels(topic, "republished" if there else "gone").inc()
            if not there:
                log.error("newest_record_gone", topic=topic, contact_id=str(_contact_id_in_key(key) or ""))
        if found:
            log.warning("stale_records_read_back", records=len(found))

    async def _commit_settled_offsets(self, client: AIOKafkaConsumer) -> None:
        """Commit how far all is settled, if it went on."""
        settled = dict(self._read)
        for doubt in self._doubts.values():
            settled[doubt.place] = min(settled[doubt.place], doubt.offset)
        if settled == self._settled:
            return
        try:
            await client.commit(settled)
        except KafkaError as error:
            log.info("offset_hint_failed", reason=type(error).__name__)
        else:
            self._settled = settled


def _contact_id_in_key(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
