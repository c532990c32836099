"""From the outbox to Kafka: the journal's bytes, oldest first, one batch a partition a round, gone when acknowledged.

Any number of processes may relay; a transaction-scoped advisory lock lets one at a time. Who committed something wakes
the relay of its own process; a slow poll finds what a dead process left behind.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from events.envelope import Envelope
from events.runtime import database, metrics, retry
from events.runtime.logging import logger
from events.runtime.turns import in_turns

log = logger()

ROUND_SECONDS = 8.0
"""A round that Kafka does not answer is given up after so long: nothing is deleted, the producer is made anew."""
POLL_SECONDS = 1.0
STANDBY_SECONDS = 3600.0
"""How long a relay waits for the one before it to be done, before it makes a new connection and waits again."""
LONGEST_PAUSE = 5.0
"""Seconds before the next try, at most, when Kafka or PostgreSQL is away."""
_LOCK = 0x0BA7_0001
"""The advisory lock's number; each service has its own database, so one number serves."""

_BEGIN = f"begin; select pg_advisory_xact_lock({_LOCK})"
"""One round trip: what is selected next is what the relay before this one left."""
_SELECT = """
select o.id, j.topic, j.key, j.ce_id, j.ce_type, j.sequence, j.time, j.traceparent, j.value
from outbox o left join journal j on j.day = o.day and j.id = o.id
where j.topic is null or j.topic <> all($2::text[])
order by o.id limit $1
"""


class Relay:
    """Sends what is committed. `source` is the CloudEvents source of everything it sends."""

    def __init__(
        self, *, source: str, servers: str, database_url: str, rows: int = 2000, batch_records: int = 1_000_000
    ) -> None:
        self.source = source
        self.servers = servers
        self.database_url = database_url
        self.rows = rows
        self.batch_records = batch_records
        self._awake = asyncio.Event()
        self._absent: dict[str, float] = {}
        """Topics that Kafka did not know, and when to ask again: their records wait, the others do not."""

    def wake(self) -> None:
        """Say that something was committed."""
        self._awake.set()

    async def run(self) -> None:
        """Relay until cancelled; an outage of Kafka or PostgreSQL is waited out with new connections."""
        failures = 0
        while True:
            try:
                async with contextlib.AsyncExitStack() as stack:
                    raw = await database.connect(self.database_url, SESSION)
                    stack.push_async_callback(raw.close, timeout=2.0)
                    producer = self._producer()
                    stack.push_async_callback(_stop, producer)
                    await producer.start()
                    while True:
                        more = await self._round(raw, producer)
                        failures = 0
                        if not more:
                            await self._wait()
            except Exception as error:  # noqa: BLE001 - what broke one round must not stop the next
                retry.give_up_if_cancelled(error)
                failures += 1
                metrics.RELAY_FAILURES.inc()
                seconds = retry.delay(failures, LONGEST_PAUSE)
                if retry.is_logged(failures):
                    log.warning("relay_round_failed", **retry.facts(error, failures, seconds))
                await asyncio.sleep(seconds)

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self.servers,
            client_id=f"{self.source}-relay",
            acks="all",
            linger_ms=0,
            max_batch_size=1_048_576,
            max_request_size=1_048_576,
            request_timeout_ms=5_000,
            retry_backoff_ms=100,
        )

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):  # `wait_for` of Python 3.11 loses a cancellation that meets the wake-up
            async with asyncio.timeout(POLL_SECONDS):
                await self._awake.wait()

    async def _round(self, raw: Any, producer: AIOKafkaProducer) -> bool:
        """Send what is there; say whether more may be. An error ends the session, and with it the transaction."""
        self._awake.clear()
        await raw.execute(_BEGIN, timeout=STANDBY_SECONDS)
        rows = await raw.fetch(_SELECT, self.rows, self._still_absent())
        done: list[int] = []
        failed: Exception | None = None
        if rows:
            with metrics.RELAY_SECONDS.time():
                async with asyncio.timeout(ROUND_SECONDS):
                    done, failed = await self._send(producer, rows)
        if done:
            await raw.execute("delete from outbox where id = any($1::bigint[])", done)
        await raw.execute("commit")
        if failed is not None:
            raise failed
        return len(rows) == self.rows or len(done) < len(rows)

    def _still_absent(self) -> list[str]:
        now = time.monotonic()
        self._absent = {topic: again_at for topic, again_at in self._absent.items() if again_at > now}
        return sorted(self._absent)

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[Any]) -> tuple[list[int], Exception | None]:
        """Send one batch a partition; give the rows that were acknowledged (those erased meanwhile count as sent)."""
        done = [row["id"] for row in rows if row["topic"] is None]
        batches = await self._fill(producer, [row for row in rows if row["topic"] is not None])
        answers = await asyncio.gather(
            *(self._send_batch(producer, place, builder) for place, (builder, _) in batches.items()),
            return_exceptions=True,
        )
        failed: Exception | None = None
        for ((topic, _), (_, ids)), answer in zip(batches.items(), answers, strict=True):
            if isinstance(answer, Exception):
                failed = answer
            elif isinstance(answer, BaseException):
                raise answer
            else:
                done.extend(ids)
                metrics.PUBLISHED.labels(topic).inc(len(ids))
        return done, failed

    async def _fill(
        self, producer: AIOKafkaProducer, rows: Sequence[Any]
    ) -> dict[tuple[str, int], tuple[Any, list[int]]]:
        """Put rows into one batch a partition, as many as it takes; those of an absent topic are left."""
        batches: dict[tuple[str, int], tuple[Any, list[int]]] = {}
        full: set[tuple[str, int]] = set()
        partitions = {topic: await self._partitions(producer, topic) for topic in {row["topic"] for row in rows}}
        stamp = int(datetime.now(UTC).timestamp() * 1000)
        async for row in in_turns(rows):
            known = partitions[row["topic"]]
            if not known:
                continue
            place = (row["topic"], known[_spread(row["key"]) % len(known)])
            if place in full:
                continue
            builder, ids = batches.setdefault(place, (producer.create_batch(), []))
            taken = builder.append(
                key=row["key"].encode(),
                value=row["value"],
                timestamp=stamp,
                headers=_headers(row, self.source),
            )
            if taken is None:
                full.add(place)
            else:
                ids.append(row["id"])
                if len(ids) >= self.batch_records:
                    full.add(place)
        return batches

    @staticmethod
    async def _send_batch(producer: AIOKafkaProducer, place: tuple[str, int], builder: Any) -> None:
        topic, partition = place
        acknowledged = await producer.send_batch(builder, topic, partition=partition)
        await acknowledged

    async def _partitions(self, producer: AIOKafkaProducer, topic: str) -> list[int]:
        """The topic's partitions in order (none where it is absent); other clients agree on murmur2 among them."""
        known = producer.client.cluster.partitions_for_topic(topic)
        if known is None:
            await producer.client.add_topic(topic)
            await producer.client.force_metadata_update()
            known = producer.client.cluster.partitions_for_topic(topic)
        if known is None:
            self._absent[topic] = time.monotonic() + POLL_SECONDS
            log.warning("topic_absent", topic=topic)
        return sorted(known or ())


SESSION = {
    "application_name": "baton-relay",
    "idle_in_transaction_session_timeout": "15000",
    "jit": "off",
    "synchronous_commit": "on",
}


@lru_cache(maxsize=20_000)
def _spread(key: str) -> int:
    """Hash a key as every client does. Murmur2 in Python takes longer than all else about a record, and keys recur."""
    return int(murmur2(key.encode())) & 0x7FFF_FFFF


def _headers(row: Any, source: str) -> list[tuple[str, bytes]]:
    return Envelope(
        id=str(row["ce_id"]),
        type=row["ce_type"],
        source=source,
        time=row["time"],
        sequence=row["sequence"],
        traceparent=row["traceparent"],
    ).headers()


async def _stop(producer: AIOKafkaProducer) -> None:
    """Close the producer without waiting for a broker that is away."""
    with contextlib.suppress(TimeoutError, KafkaError, OSError):
        await asyncio.wait_for(producer.stop(), 3.0)
