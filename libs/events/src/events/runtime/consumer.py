"""From Kafka to the handlers: bytes in, one transaction for each topic that a poll brought, then the next poll.

Where nobody waits for what is consumed, the topics of a small poll share one.
A batch is what one poll brought of one topic, from all of its partitions: order is needed per contact only, and a
contact has one partition. Few large transactions are what makes a hop fast. A large poll goes in two lanes by
partition: while one waits for PostgreSQL, the other decides.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from events.runtime import apply, decoding, fetching, gaps, kafka, metrics, positions, retry, topic_setup
from events.runtime.apply import Handler, TransactionOpener
from events.runtime.inbox import ReceivedRecord, Record, decode_record
from events.runtime.kafka_refusals import describe_missing_right, raise_right_missing
from events.runtime.logging import logger
from events.runtime.partition_gate import PartitionGate
from events.runtime.partition_states import PartitionId
from events.runtime.positions import Position
from events.runtime.yielding import yielding_to_others
from events.topics import CONTACTS_ERASED, Topic

log = logger()

Lane = asyncio.Queue[tuple[str, list[ReceivedRecord], int]]
"""Batches of one topic each with the turn of the gate, applied one after the other. A partition has one lane."""

LANES, AHEAD = 2, 2
"""So many batches may wait in each lane: a poll brings more of some partitions than of others."""
FEW = 100
"""So few records of a poll are applied in one transaction a topic: a second one costs more than it saves."""
HINT_SECONDS = 1.0
"""Kafka is told where we are at most so often: our positions count, and a request after each poll delays the next."""
LONGEST_PAUSE = 5.0
"""Seconds before the next try, at most, when Kafka or PostgreSQL is away."""


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Reads a service's topics as one consumer group and applies every record once."""

    def __init__(
        self,
        *,
        group: str,
        servers: kafka.Servers,
        handlers: Mapping[Topic, Handler],
        transaction: TransactionOpener,
        batch_records: int = 1000,
        instance: str | None = None,
        shares: bool = False,
        gathers: bool = False,
    ) -> None:
        self.group = group
        self.servers = servers
        self.handlers = {topic.name: (topic, handler) for topic, handler in handlers.items()}
        self.transaction = transaction
        self.batch_records = batch_records
        self.instance = instance
        self.shares = shares
        """Whether the topics of a small poll share a transaction."""
        self.gathers = gathers
        """Whether nobody waits for what is consumed, so that Kafka holds small answers back (`fetching.py`)."""
        self.gate = PartitionGate(transaction, self._pause_and_rewind)
        self.assigned = False
        self.denied: str | None = None
        """The right on Kafka that it lacks."""
        self.progressed_at = asyncio.get_running_loop().time()
        self._placed: set[TopicPartition] = set()
        """Partitions whose position was sought: what comes of others would be read from Kafka's hint."""
        self._probes: dict[TopicPartition, Position] = {}
        self._client: AIOKafkaConsumer | None = None
        self._next: dict[TopicPartition, int] = {}
        """The offset that the next poll must bring first."""
        self._in_progress: Counter[str] = Counter()
        """Records of each topic that were polled and are not applied yet."""

    async def run(self) -> None:
        """Consume until cancelled; an outage is waited out with a new client."""
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            try:
                with raise_right_missing(self.servers, "Read"):
                    await self._consume_with_client()
            except Exception as error:  # noqa: BLE001 - what broke one client must not stop the next
                retry.raise_if_cancelled(error)
                failures = 1 if loop.time() - began > LONGEST_PAUSE else failures + 1
                seconds = retry.compute_delay(failures, LONGEST_PAUSE)
                if not (retry.is_transient(error) or retry.is_kafka_error(error)):
                    metrics.TASK_FAILURES.labels("consumer").inc()
                denied, self.denied = self.denied, describe_missing_right(error)
                if retry.is_attempt_logged(failures) or self.denied not in {None, denied}:
                    log.warning("consumer_restarts", **retry.describe_retry(error, failures, seconds))
                await asyncio.sleep(seconds)

    async def _consume_with_client(self) -> None:
        decoding.install_in_fetcher()
        self._client = client = AIOKafkaConsumer(
            **kafka.client_arguments(self.servers),
            group_id=self.group,
            client_id=self.group,
            group_instance_id=self.instance,
            retry_backoff_ms=100,
            **topic_setup.MEMBER,
        )
        self.gate.client = client
        try:
            await client.start()
            client.subscribe(sorted(self.handlers), listener=self)
            async with asyncio.TaskGroup() as group:
                lanes = [Lane(maxsize=AHEAD) for _ in range(LANES)]
                for lane in lanes:
                    group.create_task(self._process_lane(lane))
                group.create_task(self.gate.keep_resuming())
                await self._poll_until_cancelled(client, lanes)
        finally:
            self.assigned = False
            self._in_progress.clear()
            await kafka.close_consumer(client)

    async def _poll_until_cancelled(self, client: AIOKafkaConsumer, lanes: Sequence[Lane]) -> None:
        loop = asyncio.get_running_loop()
        hinted_at, started_at, applied, empty_polls = loop.time(), loop.time(), False, 0
        while True:
            fetched = await client.getmany(timeout_ms=500, max_records=LANES * self.batch_records)
            polled = {partition: records for partition, records in fetched.items() if partition in self._placed}
            began = loop.time()
            if polled:
                await self._hand_to_lanes(polled, lanes)
                applied = True
            self.progressed_at = loop.time()
            self.denied = self.denied if self.progressed_at - started_at < LONGEST_PAUSE else None
            empty_polls = 0 if polled else empty_polls + 1
            took = self.progressed_at - began if self.gathers else None
            fetching.set_fetch_request(client, fetching.choose_next_fetch(empty_polls, took))
            if applied and (not polled or self.progressed_at - hinted_at > HINT_SECONDS):
                await self._commit_offset_hint(client)
                hinted_at, applied = loop.time(), False

    async def _hand_to_lanes(self, polled: Mapping[TopicPartition, Sequence[Any]], lanes: Sequence[Lane]) -> None:
        """Apply few records here, once the lanes are empty; hand out more of them by partition, and read on."""
        few, turn = sum(map(len, polled.values())) <= min(FEW, self.batch_records), self.gate.turn
        batches: list[dict[str, list[ReceivedRecord]]] = [{} for _ in lanes]
        kept = {partition: await self._filter_new(partition, records, lanes) for partition, records in polled.items()}
        for partition, records in kept.items():
            if not records:
                continue
            topic = self.handlers[partition.topic][0]
            read = [decode_record(Record.from_consumer_record(raw), topic) async for raw in yielding_to_others(records)]
            items = self.gate.stop_at_excess(partition, self.gate.select_current(read, turn))
            self._in_progress[topic.name] += len(items)
            batches[0 if few else partition.partition % LANES].setdefault(topic.name, []).extend(items)
        if few:
            for lane in lanes:
                await lane.join()
            await self._apply_small_poll(batches[0], turn)
            return
        for lane, own in zip(lanes, batches, strict=True):
            for name, batch in own.items():
                await lane.put((name, batch, turn))

    async def _apply_small_poll(self, batches: Mapping[str, Sequence[ReceivedRecord]], turn: int) -> None:
        """Apply what a small poll brought: in one transaction where nobody waits for it, but for erasures."""
        if not self.shares or CONTACTS_ERASED.name in batches:
            for name, batch in batches.items():
                await self._apply_in_chunks(name, batch, turn)
            return
        parts = {name: part for name, batch in batches.items() if (part := self.gate.select_current(batch, turn))}
        began = asyncio.get_running_loop().time()
        parked, deferred = await apply.apply_topics_together(
            self.transaction, [apply.TopicBatch(self.handlers[name][1], part) for name, part in parts.items()]
        )
        seconds = asyncio.get_running_loop().time() - began
        self.gate.note_outcome([item for part in parts.values() for item in part], parked, deferred)
        for name, batch in batches.items():
            metrics.BATCH_SECONDS.labels(name).observe(seconds)
            self._in_progress[name] -= len(batch)

    async def _process_lane(self, lane: Lane) -> None:
        while True:
            await self._apply_in_chunks(*await lane.get())
            lane.task_done()

    async def _apply_in_chunks(self, name: str, batch: Sequence[ReceivedRecord], turn: int) -> None:
        handler = self.handlers[name][1]
        size = math.ceil(len(batch) / math.ceil(len(batch) / self.batch_records)) if batch else 1
        for start in range(0, len(batch), size):
            polled = batch[start : start + size]
            part = self.gate.select_current(polled, turn)
            if part:
                with metrics.BATCH_SECONDS.labels(name).time():
                    parked, deferred = await apply.apply_or_park(self.transaction, handler, part)
                self.gate.note_outcome(part, parked, deferred)
            self._in_progress[name] -= len(polled)

    async def _filter_new(
        self, partition: TopicPartition, records: Sequence[Any], lanes: Sequence[Lane]
    ) -> Sequence[Any]:
        """Return what is new of a poll; first see that it is the same topic and that nothing was deleted in between."""
        if not records:
            return records
        first, expected = records[0], self._next.get(partition)
        self._next[partition] = records[-1].offset + 1
        compacted = self.handlers[partition.topic][0].compacted
        if expected is not None and (first.offset < expected or (first.offset > expected and not compacted)):
            for lane in lanes:
                await lane.join()
            await self.check_for_gaps([partition])
        probe = self._probes.pop(partition, None)
        if probe is None or first.offset != probe.next_offset - 1:
            return records
        if positions.read_record_mark(first.headers) == probe.last_ce_id:
            return records[1:]
        await gaps.restart_recreated_topic(self.transaction, (partition.topic, partition.partition), 0)
        self._next.pop(partition)
        if self._client is not None:
            self._client.seek(partition, 0)
        return []

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:  # noqa: ARG002 - all are
        """Take no more records; the inbox is the fence for work that is still running."""
        self._placed.clear()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Go on where the database says; waits for it, since Kafka's hint may lie after what a restored one has."""
        metrics.REBALANCES.inc()
        client, attempt = self._client, 0
        while client is not None and assigned:
            attempt += 1
            try:
                await self._take_over_partitions(client, assigned)
                break
            except Exception as error:  # noqa: BLE001 - raised from here it would only be swallowed by Kafka's client
                retry.raise_if_cancelled(error)
                seconds = retry.compute_delay(attempt, LONGEST_PAUSE)
                if retry.is_attempt_logged(attempt):
                    log.warning("positions_awaited", **retry.describe_retry(error, attempt, seconds))
                await asyncio.sleep(seconds)
        self.gate.pause_stopped()
        self._placed = set(assigned)
        self.assigned = True
        log.info("partitions_assigned", partitions=len(assigned))

    async def _take_over_partitions(self, client: AIOKafkaConsumer, assigned: Sequence[TopicPartition]) -> None:
        """Seek each partition's position, one record earlier to see that the topic is still the same."""
        places = await self.check_for_gaps(assigned)
        async with self.transaction() as tx:
            await self.gate.take_assignment(tx.raw, assigned)
        self._probes.clear()
        for partition in assigned:
            place = places[partition.topic, partition.partition]
            at = place.next_offset
            if at > 0 and place.last_ce_id is not None:
                self._probes[partition] = place
                at -= 1
            self._next[partition] = at
            client.seek(partition, at)

    async def check_for_gaps(self, partitions: Collection[TopicPartition]) -> dict[PartitionId, Position]:
        """Return where these partitions go on; what is gone from them unread is recorded and asked for."""
        client = self._client
        if client is None or not partitions:
            return {}
        before = await gaps.load_positions(self.transaction, [(place.topic, place.partition) for place in partitions])
        starts = await client.beginning_offsets(list(partitions))
        ends = await client.end_offsets(list(partitions))
        bounds = {(place.topic, place.partition): (starts[place], ends[place]) for place in partitions}
        return await gaps.record_gaps_and_resume(self.transaction, bounds, before)

    async def _commit_offset_hint(self, client: AIOKafkaConsumer) -> None:
        try:
            await client.commit()
        except KafkaError as error:
            log.info("offset_hint_failed", reason=type(error).__name__)

    def _pause_and_rewind(self, partition: TopicPartition, offset: int) -> None:
        """Pause a partition and let it be read again from an offset on, once it is resumed."""
        if self._client is not None:
            with suppress(IllegalStateError):  # it is somebody else's by now, who begins at the stored position
                self._client.pause(partition)
                self._client.seek(partition, offset)
                self._next[partition] = offset

    @property
    def active_partitions(self) -> frozenset[TopicPartition]:
        """Return what is assigned to this process and neither stopped nor waiting for a locked row."""
        assignment = self._client.assignment() if self._client is not None and self.assigned else ()
        return frozenset(assignment) - self.gate.stopped - self.gate.waiting.keys()

    @property
    def records_in_progress(self) -> int:
        """Count the records that were polled and are not applied yet."""
        return self._in_progress.total()
