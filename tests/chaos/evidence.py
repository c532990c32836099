"""What the ledger looks at: six databases and all topics, read by a way of its own."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer

from events.runtime import kafka
from events.topics import TOPICS
from tests.chaos.faults.records import last_records
from tests.chaos.rig import Rig

EVERYTHING = 10_000_000

JOURNAL = "select topic, key, ce_id::text, ce_type, sequence from journal"
PARKED = 'select topic, partition, "offset", reason, state, count(*) as copies from parked group by 1, 2, 3, 4, 5'
DERIVED = ("talk_to_sales", "exclusion_lifted", "pushed_by_hand", "account_use", "wake_up")
"""Engagements that scoring makes itself (ADR 0021)."""
STATE: Mapping[str, Mapping[str, str]] = {
    "capture": {"engagements": "select engagement_id, contact_id, event_id from engagements"},
    "scoring": {
        "engagements": f"select engagement_id, contact_id from engagements where engagement not in {DERIVED}",  # noqa: S608 - our own names
        "leads": "select lead_id from leads",
    },
    "routing": {"leads": "select lead_id, rep_id from leads"},
    "sla-monitor": {"leads": "select lead_id, rep_id from leads where qualified_at is not null"},
    "feedback": {
        "leads": "select lead_id, rep_id from leads where qualified_at is not null",
        "touches": "select lead_id, count(*) as count from history where kind = 'lead.touched' group by lead_id",
    },
    "desk": {"leads": "select lead_id, owner_id as rep_id from leads where qualified_at is not null"},
}


@dataclass(frozen=True)
class Journaled:
    """An event as a journal keeps it."""

    topic: str
    key: str
    ce_id: str
    ce_type: str
    sequence: int


@dataclass(frozen=True)
class Sent:
    """A record as a topic holds it."""

    topic: str
    partition: int
    offset: int
    key: str
    ce_id: str
    source: str
    sequence: int
    value: bytes


@dataclass
class Evidence:
    """All of it, after the system has drained."""

    journals: dict[str, list[Journaled]] = field(default_factory=dict)
    parked: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    outboxes: dict[str, int] = field(default_factory=dict)
    state: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    topics: dict[str, list[Sent]] = field(default_factory=dict)

    def leads(self, service: str) -> dict[UUID, Any]:
        """Return each lead of a service with its rep, None where it keeps none."""
        return {row["lead_id"]: row.get("rep_id") for row in self.state[service, "leads"]}


async def gather(rig: Rig) -> Evidence:
    """Read all databases and all topics."""
    found = Evidence()
    await asyncio.gather(*(_database(found, name, url) for name, url in rig.stack.databases.items()))
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.cluster.bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        for topic in TOPICS:
            found.topics[topic.name] = list(_sent(await last_records(consumer, topic.name, EVERYTHING)))
    finally:
        await kafka.close_consumer(consumer)
    return found


async def _database(found: Evidence, service: str, url: str) -> None:
    raw: Any = await asyncpg.connect(url)
    try:
        found.journals[service] = [Journaled(**row) for row in await raw.fetch(JOURNAL)]
        found.parked[service] = [dict(row) for row in await raw.fetch(PARKED)]
        found.outboxes[service] = await raw.fetchval("select count(*) from outbox")
        for name, query in STATE[service].items():
            found.state[service, name] = [dict(row) for row in await raw.fetch(query)]
    finally:
        await raw.close()


def _sent(records: Iterable[Any]) -> Iterable[Sent]:
    for record in records:
        headers = dict(record.headers)
        number = headers.get("ce_sequence", b"0")
        yield Sent(
            record.topic, record.partition, record.offset, (record.key or b"").decode(errors="replace"),
            headers.get("ce_id", b"").decode(errors="replace"),
            headers.get("ce_source", b"").decode(errors="replace"),
            int(number) if number.isdigit() and len(number) < 20 else 0,
            record.value or b"",
        )  # fmt: skip
