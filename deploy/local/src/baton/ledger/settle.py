"""Wait until what was on its way has arrived, without asking that nothing new comes.

All six databases and Kafka are read one after the other, so an event that is between two services looks like a
difference. `wait_until_settled` marks what is due, unsent and unread now and returns when all of that is done:
one hop. A difference that is still the same after as many hops as the flow is long is none of timing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from baton.database import Connection
from baton.ledger.topics import Client
from events.runtime import kafka

HOPS = 6
"""Capture, scoring, routing, sla-monitor, feedback, and back to scoring."""
PAUSE_SECONDS = 0.05

_LAST_UNSENT = "select coalesce(max(id), 0) from outbox"
_STILL_UNSENT = "select count(*) from outbox where id <= $1"
_HORIZON = "select timer_horizon()"
_STILL_DUE = "select count(*) from timers where due_at <= $1"
_POSITIONS = "select topic, partition, next_offset from positions"
_IDLE = """
select (select count(*) from outbox) as outbox,
       (select count(*) from timers where due_at <= timer_horizon()) as due
"""

Databases = Mapping[str, Connection]


@dataclass
class SettlingWatch:
    """Open eyes on the databases and on where Kafka's logs end."""

    databases: Databases
    client: Client
    """How to reach Kafka: keyword arguments of aiokafka's consumer."""
    _consumer: AIOKafkaConsumer | None = field(default=None, init=False)

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(**{"metadata_max_age_ms": 3_600_000, **self.client})
        await self._consumer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._consumer is not None:
            await kafka.close_consumer(self._consumer)

    async def is_idle(self) -> bool:
        """Return whether nothing is unsent, unread or due anywhere."""
        for database in self.databases.values():
            row = await database.fetchrow(_IDLE)
            if row["outbox"] or row["due"]:
                return False
        return not await self._services_with_unread_records(await self._fetch_end_offsets())

    async def wait_until_settled(self, seconds: float) -> str:
        """Return when all that is due, unsent or unread now was done; otherwise what is late, and where."""
        deadline = time.monotonic() + seconds
        horizons = {name: await database.fetchval(_HORIZON) for name, database in self.databases.items()}
        if late := await _wait_until_nobody_late(lambda: self._services_with_work_left(_STILL_DUE, horizons), deadline):
            return f"timers are due in {late}"
        marks = {name: await database.fetchval(_LAST_UNSENT) for name, database in self.databases.items()}
        if late := await _wait_until_nobody_late(lambda: self._services_with_work_left(_STILL_UNSENT, marks), deadline):
            return f"events are unsent in {late}"
        ends = await self._fetch_end_offsets()
        if late := await _wait_until_nobody_late(lambda: self._services_with_unread_records(ends), deadline):
            return f"records are unread by {late}"
        return ""

    async def _services_with_work_left(self, question: str, marks: Mapping[str, Any]) -> list[str]:
        return [name for name, mark in marks.items() if await self.databases[name].fetchval(question, mark)]

    async def _load_positions(self) -> dict[str, dict[TopicPartition, int]]:
        found = {}
        for name, database in self.databases.items():
            rows = await database.fetch(_POSITIONS)
            found[name] = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        return found

    async def _fetch_end_offsets(self) -> dict[TopicPartition, int]:
        wanted = {place for read in (await self._load_positions()).values() for place in read}
        if not wanted or self._consumer is None:
            return {}
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(list(wanted))
        return ends

    async def _services_with_unread_records(self, ends: Mapping[TopicPartition, int]) -> list[str]:
        return [
            name
            for name, read in (await self._load_positions()).items()
            if any(position < ends.get(place, 0) for place, position in read.items())
        ]


async def _wait_until_nobody_late(late: Callable[[], Awaitable[list[str]]], deadline: float) -> str:
    """Ask until nobody is late; return who is at the deadline."""
    while names := await late():
        if time.monotonic() > deadline:
            return " and ".join(names)
        await asyncio.sleep(PAUSE_SECONDS)
    return ""
