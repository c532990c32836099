"""A service whose database was restored takes up what it had published since: its own topics know.

The relay sends what is committed, so a record of this service that its database does not know was committed in a later
state of it. Such a record goes back into the journal, and its stream's number is raised, before anything is sent: no
number is ever drawn twice for different facts. Where each topic ended is noted now and then, so that a start reads no
more than the last minute; a restored database has an older note and reads from there.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from events.envelope import Envelope, Event
from events.runtime import decoding, kafka, metrics, retry
from events.runtime.inbox import TOMBSTONE, Record, decode_record
from events.runtime.kafka_refusals import raise_right_missing
from events.runtime.logging import describe_error, logger
from events.runtime.transaction import Transaction
from events.topics import CONTACTS_ERASED, TOPICS, Topic, dead_letter_topic_name

log = logger()

CHUNK = 500
"""Records of one transaction."""
LOOK_MS = 500

TransactionOpener = Callable[[], AbstractAsyncContextManager[Transaction]]


@dataclass(frozen=True, slots=True)
class RecoveredRecord:
    """One record that the service published and its database does not know; without an event it is a tombstone."""

    topic: Topic
    key: str
    value: bytes | None
    envelope: Envelope
    event: Event | None

    @property
    def contact_id(self) -> UUID | None:
        """The contact in the journal: that of the event, none of a tombstone."""
        return getattr(self.event, "contact_id", None)


Adopt = Callable[[Sequence[RecoveredRecord], Transaction], Awaitable[None]]
"""What a service does to its own state with the records that it had published in a later one."""


class StreamState(NamedTuple):
    """One topic and key as the database knows it: the last number drawn, and the ids of what is still to be sent."""

    sequence: int
    unsent: frozenset[UUID]


def list_own_topics(service: str) -> list[Topic]:
    """Return the topics that a service writes to, in the order in which they are taken up.

    Erasures come first, so that nobody is brought back by what follows; then states with their revisions, so that what
    follows draws later ones.
    """
    mine = [topic for topic in TOPICS if service in topic.producers]
    own = Topic(dead_letter_topic_name(service), (), (service,), (), "Pointers to parked records.")
    return sorted([*mine, own], key=lambda topic: (topic is not CONTACTS_ERASED, not topic.compacted))


class Recovery:
    """Reads a service's own topics from where its database saw them end."""

    def __init__(
        self, *, service: str, servers: kafka.Servers, transaction: TransactionOpener, adopt: Adopt | None
    ) -> None:
        self.source = f"baton/{service}"
        self.servers = servers
        self.transaction = transaction
        self.adopt = adopt
        self.topics = list_own_topics(service)

    async def run(self) -> int:
        """Take up what the database does not know, and return the number of records. Raises when Kafka is away."""
        decoding.install_in_fetcher()
        consumer = AIOKafkaConsumer(**kafka.client_arguments(self.servers), enable_auto_commit=False)
        await consumer.start()
        try:
            with raise_right_missing(self.servers, "Read"):
                found = sum([await self._recover_topic(consumer, topic) for topic in self.topics])
            await self._note_topic_ends(consumer)
        finally:
            await kafka.close_consumer(consumer)
        if found:
            log.warning("database_older_than_topics", records=found)
        return found

    async def save_topic_ends(self) -> None:
        """Save where the topics end now: all before it came from this database. Without Kafka, next time."""
        consumer = AIOKafkaConsumer(**kafka.client_arguments(self.servers), enable_auto_commit=False)
        try:
            await consumer.start()
            await self._note_topic_ends(consumer)
        except KafkaError as error:
            log.info("ends_not_noted", reason=type(error).__name__)
        finally:
            await kafka.close_consumer(consumer)

    async def _note_topic_ends(self, consumer: AIOKafkaConsumer) -> None:
        places = [place for topic in self.topics for place in await _list_partitions(consumer, topic)]
        ends = await consumer.end_offsets(places) if places else {}
        async with self.transaction() as tx:
            await tx.raw.execute(
                "insert into published (topic, partition, next_offset)"
                " select * from unnest($1::text[], $2::int[], $3::bigint[]) order by 1, 2"
                " on conflict (topic, partition) do update set next_offset = excluded.next_offset",
                [place.topic for place in places],
                [place.partition for place in places],
                [ends[place] for place in places],
            )

    async def _recover_topic(self, consumer: AIOKafkaConsumer, topic: Topic) -> int:
        """Take up one topic's records, in their order for each key."""
        found = sum([await self._recover_chunk(chunk) async for chunk in self._read_chunks(consumer, topic)])
        metrics.RECOVERED.labels(topic.name).inc(found)
        return found

    async def _recover_chunk(self, chunk: Sequence[RecoveredRecord]) -> int:
        """Take up some records in one transaction; one that cannot be taken up is left out, and named in the log."""
        try:
            async with self.transaction() as tx:
                await _delete_sent_from_outbox(tx, chunk)
                missing = await _select_missing_records(tx, chunk)
                if missing:
                    await _insert_missing_records(tx, missing)
                    if self.adopt is not None:
                        await self.adopt(missing, tx)
        except Exception as error:
            retry.raise_if_cancelled(error)
            if retry.is_transient(error):
                raise
            if len(chunk) > 1:
                middle = len(chunk) // 2
                return await self._recover_chunk(chunk[:middle]) + await self._recover_chunk(chunk[middle:])
            metrics.NOT_RECOVERED.labels(chunk[0].topic.name).inc()
            log.error(  # noqa: TRY400 - no values in logs
                "record_not_taken_up",
                topic=chunk[0].topic.name,
                ce_id=chunk[0].envelope.id,
                error=describe_error(error),
            )
            return 0
        return len(missing)

    async def _read_chunks(self, consumer: AIOKafkaConsumer, topic: Topic) -> AsyncIterator[list[RecoveredRecord]]:
        places = await _list_partitions(consumer, topic)
        if not places:
            return
        consumer.assign(places)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        noted = await self._load_noted_offsets(topic)
        for place in places:
            start = noted.get(place.partition, 0)
            consumer.seek(place, max(begins[place], start if start <= ends[place] else 0))
        while any([await consumer.position(place) < ends[place] for place in places]):
            polled: Mapping[TopicPartition, Sequence[Any]] = await consumer.getmany(
                timeout_ms=LOOK_MS, max_records=CHUNK
            )
            read = [self._decode_own_record(raw, topic) for records in polled.values() for raw in records]
            if chunk := [item for item in read if item is not None]:
                yield chunk

    async def _load_noted_offsets(self, topic: Topic) -> dict[int, int]:
        async with self.transaction() as tx:
            rows = await tx.raw.fetch("select partition, next_offset from published where topic = $1", topic.name)
        return {row["partition"]: row["next_offset"] for row in rows}

    def _decode_own_record(self, raw: Any, topic: Topic) -> RecoveredRecord | None:
        """Return a record of this service; None for others' and for what cannot be read: its consumers park that."""
        headers = list(raw.headers)
        try:
            envelope = Envelope.read(headers)
            key = (raw.key or b"").decode()
            UUID(envelope.id)
        except (ValueError, OverflowError):
            return None
        if envelope.source != self.source or envelope.sequence <= 0 or not (key + envelope.type).isprintable():
            return None
        record = Record(raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, headers)
        received = decode_record(record, topic)
        if topic.events and received.event is None and received.reason != TOMBSTONE:
            return None
        return RecoveredRecord(topic, key, raw.value, envelope, received.event)


async def _list_partitions(consumer: AIOKafkaConsumer, topic: Topic) -> list[TopicPartition]:
    cluster = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - the consumer itself knows subscribed topics alone
    return [TopicPartition(topic.name, number) for number in sorted(cluster.partitions_for_topic(topic.name) or ())]


async def _delete_sent_from_outbox(tx: Transaction, chunk: Sequence[RecoveredRecord]) -> None:
    """Delete from the outbox what the topic has: it was sent after the backup, and keeps its number."""
    await tx.raw.execute(
        "delete from outbox o using journal j, unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[])"
        " as u(topic, key, sequence, ce_id) where j.day = o.day and j.id = o.id"
        " and (j.topic, j.key, j.sequence, j.ce_id) = (u.topic, u.key, u.sequence, u.ce_id)",
        [item.topic.name for item in chunk],
        [item.key for item in chunk],
        [item.envelope.sequence for item in chunk],
        [UUID(item.envelope.id) for item in chunk],
    )


async def _select_missing_records(tx: Transaction, chunk: Sequence[RecoveredRecord]) -> list[RecoveredRecord]:
    """Return the records, each once, whose numbers were drawn in a later state of the database; holds their streams."""
    streams = await _lock_stream_states(tx, sorted({(item.topic.name, item.key) for item in chunk}))
    distinct = {(item.topic.name, item.key, item.envelope.sequence, item.envelope.id): item for item in chunk}
    return [
        item
        for (topic, key, sequence, ce_id), item in distinct.items()
        if sequence > streams[topic, key].sequence - len(streams[topic, key].unsent)
        and UUID(ce_id) not in streams[topic, key].unsent
    ]


async def _lock_stream_states(tx: Transaction, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], StreamState]:
    topics, keys = [topic for topic, _ in names], [key for _, key in names]
    locked = await tx.raw.fetch(
        "select topic, key, sequence from streams join unnest($1::text[], $2::text[]) as u(topic, key)"
        " using (topic, key) order by topic, key for no key update of streams",
        topics, keys,
    )  # fmt: skip
    waiting = await tx.raw.fetch(
        "select j.topic, j.key, array_agg(j.ce_id) as ids from outbox o"
        " join journal j on j.day = o.day and j.id = o.id"
        " join unnest($1::text[], $2::text[]) as u(topic, key) on (j.topic, j.key) = (u.topic, u.key)"
        " join streams s on (s.topic, s.key) = (j.topic, j.key) group by 1, 2",
        topics, keys,
    )  # fmt: skip
    unsent = {(row["topic"], row["key"]): frozenset(UUID(str(ce_id)) for ce_id in row["ids"]) for row in waiting}
    found = dict.fromkeys(names, StreamState(0, frozenset()))
    for row in locked:
        name = (row["topic"], row["key"])
        found[name] = StreamState(row["sequence"], unsent.get(name, frozenset()))
    return found


async def _insert_missing_records(tx: Transaction, missing: Sequence[RecoveredRecord]) -> None:
    """Write the records into the journal as sent, raise their streams, and renumber what is still to be sent."""
    await tx.raw.execute(
        _RAISE,
        [item.topic.name for item in missing],
        [item.key for item in missing],
        [item.envelope.sequence for item in missing],
    )
    await tx.raw.execute(
        "insert into journal (day, topic, key, contact_id, ce_id, ce_type, sequence, time, traceparent, value)"
        " select (t at time zone 'utc')::date, n, k, c, i, y, s, t, p, v from unnest($1::text[], $2::text[],"
        " $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::timestamptz[], $8::text[], $9::bytea[])"
        " with ordinality as u(n, k, c, i, y, s, t, p, v, nth) order by nth",
        [item.topic.name for item in missing],
        [item.key for item in missing],
        [item.contact_id for item in missing],
        [UUID(item.envelope.id) for item in missing],
        [item.envelope.type for item in missing],
        [item.envelope.sequence for item in missing],
        [item.envelope.time for item in missing],
        [item.envelope.traceparent for item in missing],
        [item.value for item in missing],
    )
    states = [UUID(item.envelope.id) for item in missing if item.topic.compacted]
    await tx.raw.execute("insert into recovered select unnest($1::uuid[]) on conflict do nothing", states)


_RAISE = """
with last as (
    select topic, key, max(sequence) as sequence
    from unnest($1::text[], $2::text[], $3::bigint[]) as u(topic, key, sequence) group by topic, key
), unsent as (
    select j.topic, j.key, count(*) as rows from outbox o join journal j on j.day = o.day and j.id = o.id
    join last l on (l.topic, l.key) = (j.topic, j.key) group by 1, 2
), moved as (
    select l.topic, l.key, l.sequence + coalesce(u.rows, 0) as sequence,
           l.sequence - (coalesce(s.sequence, 0) - coalesce(u.rows, 0)) as by
    from last l left join streams s using (topic, key) left join unsent u using (topic, key)
), renumbered as (
    update journal j set sequence = j.sequence + m.by from outbox o, moved m
    where j.day = o.day and j.id = o.id and (j.topic, j.key) = (m.topic, m.key)
)
insert into streams (topic, key, sequence) select topic, key, sequence from moved order by 1, 2
on conflict (topic, key) do update set sequence = excluded.sequence
"""
