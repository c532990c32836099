"""How far a service is behind on what it consumes: the broker's ends minus the stored positions.

A background task looks, with a client of its own: what the consumer has fetched says nothing while the consumer stands
still. Nobody who asks for the numbers waits for Kafka or PostgreSQL, except timers, which must not overtake a record
that is on its way.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy.ext.asyncio import AsyncConnection

from events.runtime import kafka, metrics, retry
from events.runtime.kafka_refusals import raise_right_missing
from events.runtime.logging import logger
from events.runtime.transaction import driver_connection_of

log = logger()

LOOK_SECONDS = 2.0
PATIENCE_SECONDS = 5.0
"""A look that takes longer is given up: the numbers stay, and their time says how old they are."""
FRESH_SECONDS = 0.25
"""How long timers trust that nothing is behind."""
LONGEST_PAUSE = 5.0
"""Seconds before the next try, at most, when Kafka or PostgreSQL is away."""
DATE_SECONDS = 10.0
"""How often the oldest unapplied record of a partition is read for its time while the position moves."""


class PartitionProgress(NamedTuple):
    """One partition: the next offset to apply, and where its log starts and ends."""

    position: int
    start: int
    end: int

    @property
    def records_behind(self) -> int:
        """Records that can still be applied; after a recreation (position beyond the end) all there are."""
        return self.end - (max(self.position, self.start) if self.position <= self.end else self.start)


class ConsumerProgress:
    """The lag of one service in records and seconds, by topic, and the partitions that do not move."""

    def __init__(
        self,
        *,
        service: str,
        servers: kafka.Servers,
        topics: Iterable[str],
        connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        gone: Callable[[Collection[TopicPartition]], Awaitable[object]] | None = None,
    ) -> None:
        """`gone` is called with partitions whose position was outside of the log at two looks."""
        self.service = service
        self.servers = servers
        self.topics = sorted(topics)
        self.connect = connect
        self.places: dict[TopicPartition, PartitionProgress] = {}
        """As of the last look."""
        self.looked_at: float | None = None
        """Time of the event loop."""
        self._moved_at: dict[TopicPartition, float] = {}
        self._dated: dict[TopicPartition, tuple[int, float, float]] = {}
        """The oldest unapplied record: its offset, its time (Unix), when it was read (event loop)."""
        self._gone = gone
        self._outside: set[tuple[TopicPartition, int]] = set()
        self._client: AIOKafkaConsumer | None = None
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Look until cancelled; an outage of Kafka or PostgreSQL is waited out with a new client."""
        failures = 0
        while True:
            try:
                with raise_right_missing(self.servers, "Read"):
                    await self._measure_with_client()
            except Exception as error:  # noqa: BLE001 - to measure must not stop what is measured
                retry.raise_if_cancelled(error)
                failures = failures + 1 if self._client is None else 1
                if not (retry.is_transient(error) or isinstance(error, KafkaError)):
                    metrics.TASK_FAILURES.labels("progress").inc()
                seconds = retry.compute_delay(failures, LONGEST_PAUSE)
                if retry.is_attempt_logged(failures):
                    log.warning("progress_unknown", **retry.describe_retry(error, failures, seconds))
                await asyncio.sleep(seconds)

    async def _measure_with_client(self) -> None:
        client = AIOKafkaConsumer(
            **kafka.client_arguments(self.servers),
            client_id=f"{self.service}-progress",
            request_timeout_ms=5_000,
            retry_backoff_ms=100,
            metadata_max_age_ms=30_000,
            max_partition_fetch_bytes=65_536,
        )
        try:
            await client.start()
            await client._client.set_topics(self.topics)  # noqa: SLF001 - it knows them without reading them
            self._client = client
            while True:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self.measure_progress()
                    await self._refresh_times_of_oldest_unapplied(client)
                self._update_lag_gauges()
                await self._log_positions_outside_log()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._client = None
            await kafka.close_consumer(client)

    async def measure_progress(self) -> None:
        """Learn positions, then starts and ends: in this order, what is missed is behind and not unknown."""
        client = self._client
        if client is None:
            return
        async with self._lock:
            async with self.connect() as connection:
                raw = await driver_connection_of(connection)
                rows = await raw.fetch(
                    "select topic, partition, next_offset from positions where topic = any($1)", self.topics
                )
            positions = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
            cluster = client._client.cluster  # noqa: SLF001
            led = [place for place in self._list_partitions(client) if cluster.leader_for_partition(place) != -1]
            ends = await client.end_offsets(led) if led else {}
            starts = await client.beginning_offsets(led) if led else {}
            now = asyncio.get_running_loop().time()
            found = {place: PartitionProgress(positions.get(place, 0), starts[place], ends[place]) for place in led}
            for place, here in found.items():
                before = self.places.get(place)
                if before is None or before.position != here.position or not here.records_behind:
                    self._moved_at[place] = now
            self.places = found
            self.looked_at = now

    async def _log_positions_outside_log(self) -> None:
        """Report the positions that stay outside of the log: an end may be unknown for a moment after a restart."""
        outside = {
            (place, here.position) for place, here in self.places.items() if not here.start <= here.position <= here.end
        }
        sure, self._outside = outside & self._outside, outside
        if sure and self._gone is not None:
            await self._gone({place for place, _ in sure})

    def _list_partitions(self, client: AIOKafkaConsumer) -> list[TopicPartition]:
        cluster = client._client.cluster  # noqa: SLF001 - its own metadata, without a request
        return [
            TopicPartition(topic, number)
            for topic in self.topics
            for number in sorted(cluster.partitions_for_topic(topic) or ())
        ]

    async def _refresh_times_of_oldest_unapplied(self, client: AIOKafkaConsumer) -> None:
        """Read the time of the oldest record that is not applied, where a partition was behind at two looks."""
        now = asyncio.get_running_loop().time()
        wanted = []
        for place, here in self.places.items():
            known = self._dated.get(place)
            if not here.records_behind:
                self._dated.pop(place, None)
            elif known is None:
                self._dated[place] = (-1, time.time(), now - DATE_SECONDS)
            elif known[0] != here.position and now - known[2] >= DATE_SECONDS:
                wanted.append(place)
        if not wanted:
            return
        client.assign(wanted)
        try:
            for place in wanted:
                here = self.places[place]
                client.seek(place, max(here.position, here.start) if here.position <= here.end else here.start)
            for place, records in (await client.getmany(*wanted, timeout_ms=1_000)).items():
                self._dated[place] = (self.places[place].position, records[0].timestamp / 1000, now)
        finally:
            client.unsubscribe()

    def _update_lag_gauges(self) -> None:
        for topic, records in self.records_behind.items():
            metrics.LAG.labels(topic).set(records)
        for topic, seconds in self.seconds_behind.items():
            metrics.LAG_SECONDS.labels(topic).set(seconds)
        metrics.LAG_LOOKED.set(time.time())

    @property
    def records_behind(self) -> dict[str, int]:
        """Return the records of each topic that are not applied yet, over all partitions, as of the last look."""
        found = dict.fromkeys(self.topics, 0)
        for place, here in self.places.items():
            found[place.topic] += here.records_behind
        return found

    @property
    def seconds_behind(self) -> dict[str, float]:
        """Return the age of each topic's oldest unapplied record, as of the last look; 0 where all are applied."""
        found = dict.fromkeys(self.topics, 0.0)
        for place, (_, at, _) in self._dated.items():
            found[place.topic] = max(found[place.topic], time.time() - at)
        return found

    def list_stalled(self, seconds: float, among: Collection[Any] | None = None) -> list[TopicPartition]:
        """Return the partitions that are behind and whose position has not moved for so long.

        `among` limits the answer, for example to those assigned to this process. Without a look of late the answer is
        empty: nothing is known then.
        """
        now = asyncio.get_running_loop().time()
        if self.looked_at is None or now - self.looked_at > seconds:
            return []
        return [
            place
            for place, here in self.places.items()
            if here.records_behind and now - self._moved_at[place] > seconds and (among is None or place in among)
        ]

    async def has_caught_up(self, left: Collection[TopicPartition] = ()) -> bool:
        """Return whether all that is on the topics now is applied; asks again unless it was so a moment ago.

        Partitions that are `left` (they stand stopped, or wait for a locked row) keep nobody waiting.
        Where Kafka or PostgreSQL cannot be asked, nobody knows of a record on its way: the answer is yes.
        """
        now = asyncio.get_running_loop().time()
        if self._client is None:
            return True
        if self.looked_at is not None and now - self.looked_at < FRESH_SECONDS and not self._is_behind(left):
            return True
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.measure_progress()
        except Exception as error:
            retry.raise_if_cancelled(error)
            if not (retry.is_transient(error) or isinstance(error, KafkaError)):
                raise
            return True
        return not self._is_behind(left)

    def _is_behind(self, left: Collection[TopicPartition]) -> bool:
        return any(here.records_behind for place, here in self.places.items() if place not in left)
