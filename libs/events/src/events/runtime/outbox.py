"""From the outbox to Kafka: the journal's bytes, in order per partition, gone when acknowledged.

Any number of processes may relay; a session's advisory lock lets one at a time, until it ends or is gone. Who committed
something wakes the relay of its own process, which wakes the one that sends; a slow poll finds what a dead process left
behind. What was sent is deleted by a commit that does not wait for the disk: after a crash of PostgreSQL it may be sent
twice, as after one of the relay. A partition has one batch on its way
at most. A round does not wait long for one that is slow, and what keeps one partition from being written keeps no other
one from it (`partition_states.py`).
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from events.runtime import database, kafka, metrics, refusals, retry, unsent
from events.runtime.batches import OutboxBatches
from events.runtime.kafka_refusals import find_missing_right
from events.runtime.logging import logger
from events.runtime.partition_states import PartitionId, PartitionStates
from events.runtime.refusals import ErrorMeaning, classify_error

log = logger()

ROUND_SECONDS = 8.0
"""A batch that Kafka does not answer is given up after so long: nothing is deleted, the producer is made anew."""
PATIENCE_SECONDS = 1.0
"""A round waits so long for its batches; those that take longer are looked at by later rounds."""
OLD_SECONDS = 30.0
"""A connection over which nothing went for so long, while something failed, is made anew."""
POLL_SECONDS = 1.0
LONGEST_PAUSE = 5.0
"""Seconds before the next try, at most, when Kafka or PostgreSQL is away."""
_LOCK = 0x0BA7_0001
"""The advisory lock's number; each service has its own database, so one number serves."""

CHANNEL = "relay"
"""Another process has committed something: notified here."""


@dataclass(slots=True)
class _BatchInFlight:
    """A batch on its way to one partition, and the rows in it."""

    rows: list[Any]
    answer: "asyncio.Task[Any]"
    since: float
    watched: bool = False
    """Its answer wakes the relay."""


@dataclass(slots=True)
class _RelayRound:
    """What a round has to write down, and whether more may be there."""

    done: list[int] = field(default_factory=list)
    sent: list[unsent.SentRange] = field(default_factory=list)
    refused: list[tuple[Any, BaseException, int]] = field(default_factory=list)
    more: bool = False


class OutboxRelay:
    """Sends committed records from the outbox to Kafka. `source` is the CloudEvents source of all of them."""

    def __init__(
        self,
        *,
        source: str,
        servers: kafka.Servers,
        database_url: str,
        rows: int = 2000,
        batch_records: int = 1_000_000,
    ) -> None:
        self.source = source
        self.servers = servers
        self.database_url = database_url
        self.rows = rows
        self.batch_records = batch_records
        self._awake = asyncio.Event()
        self._places = PartitionStates(time.monotonic)
        self._counts: dict[str, int] = {}
        """Partitions of each topic."""
        self._flights: dict[PartitionId, _BatchInFlight] = {}
        self._crowded = False
        """There was more than one round takes: the next one takes a share of every partition's."""
        self._sent_at = time.monotonic()
        self._sends = False
        """Whether this relay is the one that sends."""

    def wake(self) -> None:
        """Wake the relay: something was committed."""
        self._awake.set()

    async def run(self) -> None:
        """Relay until cancelled; an outage of Kafka or PostgreSQL is waited out with new connections."""
        failures = 0
        while True:
            try:
                async with contextlib.AsyncExitStack() as stack:
                    raw = await database.connect_with_timeouts(self.database_url, SESSION)
                    self._sends = False
                    stack.push_async_callback(raw.close, timeout=2.0)
                    producer = self._make_producer()
                    stack.push_async_callback(_stop_producer, producer)
                    stack.callback(self._cancel_batches_in_flight)
                    await producer.start()
                    while True:
                        more = await self._is_elected_sender(raw) and await self._send_round(raw, producer)
                        failures = 0
                        if not more:
                            await self._wait_for_work()
            except Exception as error:  # noqa: BLE001 - what broke one round must not stop the next
                retry.raise_if_cancelled(error)
                failures += 1
                metrics.RELAY_FAILURES.inc()
                seconds = retry.compute_delay(failures, LONGEST_PAUSE)
                if retry.is_attempt_logged(failures):
                    log.warning("relay_round_failed", **retry.describe_retry(error, failures, seconds))
                await asyncio.sleep(seconds)

    def _make_producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **kafka.client_arguments(self.servers),
            client_id=f"{self.source}-relay",
            acks="all",
            linger_ms=0,
            max_batch_size=1_048_576,
            max_request_size=1_048_576,
            request_timeout_ms=5_000,
            retry_backoff_ms=100,
        )

    async def _wait_for_work(self) -> None:
        with contextlib.suppress(TimeoutError):  # `wait_for` of Python 3.11 loses a cancellation that meets the wake-up
            async with asyncio.timeout(self._places.seconds_until_retry(POLL_SECONDS)):
                await self._awake.wait()

    async def _is_elected_sender(self, raw: Any) -> bool:
        """Return whether this relay is the one that sends, until its session ends; wake the other one if it is not."""
        woken = self._awake.is_set()
        self._awake.clear()
        if not self._sends and await raw.fetchval("select pg_try_advisory_lock($1)", _LOCK):
            await raw.add_listener(CHANNEL, lambda *_: self.wake())
            self._sends = True
        if woken and not self._sends:
            await raw.execute(f"notify {CHANNEL}")
        return self._sends

    async def _send_round(self, raw: Any, producer: AIOKafkaProducer) -> bool:
        """Send what is there; return whether more may be. An error ends the session, and another relay may begin."""
        this = _RelayRound()
        rows, fair = await self._select_unsent_rows(raw)
        this.done = [row["id"] for row in rows if row["topic"] is None]
        self._crowded = False
        if rows or self._flights:
            with metrics.RELAY_SECONDS.time():
                went = await self._send_rows(producer, [row for row in rows if row["topic"] is not None], this)
                self._collect_acknowledgements(this)
            self._crowded = went > 0 if fair else len(rows) >= self.rows
        await self._save_round_outcome(raw, this)
        self._places.show_waiting()
        return this.more or self._crowded

    async def _save_round_outcome(self, raw: Any, this: _RelayRound) -> None:
        if not this.refused:
            await unsent.delete_sent_rows(raw, this.done, this.sent)
            return
        async with raw.transaction():
            await raw.execute("set local synchronous_commit = on")
            await unsent.delete_sent_rows(raw, this.done, this.sent)
            await refusals.set_rows_aside(raw, self.source.removeprefix("baton/"), this.refused)

    async def _select_unsent_rows(self, raw: Any) -> tuple[list[Any], bool]:
        """Return the oldest rows; an equal share of every partition's where there are too many or somebody waits."""
        topics = self._places.list_waiting_topics()
        most = self._places.batch_limits() | dict.fromkeys([*self._places.list_waiting_partitions(), *self._flights], 0)
        limits = [
            unsent.PartitionLimit(where[0], self._counts[where[0]], where[1], rows)
            for where, rows in sorted(most.items())
            if where[0] in self._counts
        ]
        if topics or limits or self._crowded:
            return await unsent.select_fair_share(raw, self.rows, topics, limits), True
        return await unsent.select_oldest(raw, self.rows), False

    async def _send_rows(self, producer: AIOKafkaProducer, rows: Sequence[Any], this: _RelayRound) -> int:
        """Send one batch a partition, wait a little for the answers, and return how many batches went."""
        partitions = {topic: await self._list_partitions(producer, topic) for topic in {row["topic"] for row in rows}}
        batches = OutboxBatches(
            producer, self._places, source=self.source, most=self.batch_records, busy=list(self._flights)
        )
        await batches.fill(rows, partitions)
        this.more |= batches.left
        for where, row, error in batches.failed:
            self._handle_failed_batch(where, [row], error, this)
        now, awaited = time.monotonic(), []
        for where, (builder, taken) in batches.filled.items():
            task = asyncio.get_running_loop().create_task(self._send_batch(producer, where, builder))
            self._flights[where] = _BatchInFlight(taken, task, now)
            if not self._places.is_doubtful(where):
                awaited.append(task)
        if awaited:
            await asyncio.wait(awaited, timeout=PATIENCE_SECONDS)
        return len(batches.filled)

    def _collect_acknowledgements(self, this: _RelayRound) -> None:
        """Take the answers that came, and leave the connection where one is overdue."""
        now = time.monotonic()
        for where, flight in list(self._flights.items()):
            if flight.answer.done():
                del self._flights[where]
                self._finish_batch(where, flight, this)
            elif now - flight.since > ROUND_SECONDS:
                raise TimeoutError
            elif not flight.watched:
                flight.watched = True
                flight.answer.add_done_callback(lambda _: self.wake())

    def _finish_batch(self, where: PartitionId, flight: _BatchInFlight, this: _RelayRound) -> None:
        error = flight.answer.exception()
        if error is not None:
            self._handle_failed_batch(where, flight.rows, error, this)
            return
        self._sent_at = time.monotonic()
        self._places.note_success(where)
        this.done.extend(row["id"] for row in flight.rows)
        this.sent.extend(unsent.compute_sent_ranges(where, flight.rows, flight.answer.result().offset))
        metrics.PUBLISHED.labels(where[0]).inc(len(flight.rows))

    def _handle_failed_batch(
        self, where: PartitionId, rows: Sequence[Any], error: BaseException, this: _RelayRound
    ) -> None:
        metrics.RELAY_FAILURES.inc()
        error = find_missing_right(error, self.servers, "Write") or error
        what = classify_error(error)
        if what is ErrorMeaning.CONNECTION or (
            what is ErrorMeaning.LATER and time.monotonic() - self._sent_at > OLD_SECONDS
        ):
            self._sent_at = time.monotonic()
            raise error
        refused = self._places.note_failure(where, rows, error)
        if refused is not None:
            this.refused.append((refused[0], error, refused[1]))
        this.more |= what is not ErrorMeaning.LATER

    @staticmethod
    async def _send_batch(producer: AIOKafkaProducer, where: PartitionId, builder: Any) -> Any:
        topic, partition = where
        acknowledged = await producer.send_batch(builder, topic, partition=partition)
        return await acknowledged

    async def _list_partitions(self, producer: AIOKafkaProducer, topic: str) -> list[int]:
        """Return the topic's partitions in order (none where it is absent); other clients agree on murmur2 of them."""
        known = producer.client.cluster.partitions_for_topic(topic)
        if known is None:
            await producer.client.add_topic(topic)
            await producer.client.force_metadata_update()
            known = producer.client.cluster.partitions_for_topic(topic)
        if known is None:
            self._places.note_topic_failure(topic, seconds=POLL_SECONDS)
            log.warning("topic_absent", topic=topic)
        else:
            self._counts[topic] = len(known)
        return sorted(known or ())

    def _cancel_batches_in_flight(self) -> None:
        for flight in self._flights.values():
            if not flight.answer.cancel():
                flight.answer.exception()  # nobody asks any more
        self._flights.clear()


SESSION = {
    "application_name": "baton-relay",
    "idle_in_transaction_session_timeout": "15000",
    "idle_session_timeout": "15000",
    "jit": "off",
    "synchronous_commit": "off",
}
"""A relay that stands still for so many milliseconds loses its session, and another one sends."""


async def _stop_producer(producer: AIOKafkaProducer) -> None:
    """Close the producer without waiting for a broker that is away."""
    with contextlib.suppress(TimeoutError, KafkaError, OSError):
        await asyncio.wait_for(producer.stop(), 3.0)
