"""The ceiling: the least a durable hop can be, written by hand on aiokafka and asyncpg.

One transaction a poll: inbox, contact, engagement, lead and outbox; then a relay that sends one batch a partition. The
same durability as the real hop, but no rules, no journal, no stream rows, no retry, no parking, no timers.
"""

import asyncio
import contextlib
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from events.topics import CONTACTS_CAPTURED, LEADS_QUALIFIED, Topic

DDL = """
create table inbox (ce_id uuid primary key);
create table contacts (contact_id uuid primary key, facts text);
create table engagements (engagement_id uuid primary key, contact_id uuid, engagement text, occurred_at timestamptz);
create table leads (lead_id uuid primary key, contact_id uuid);
create table outbox (id bigint generated always as identity primary key, key text, ce_id uuid, value text);
create table positions (topic text, partition int, next_offset bigint, primary key (topic, partition));
"""


class Ceiling:
    """Two tasks, one process: consume and relay."""

    heard = CONTACTS_CAPTURED
    spoken = LEADS_QUALIFIED

    def __init__(self, url: str, servers: str) -> None:
        self.url = url
        self.servers = servers
        self.committed = asyncio.Event()

    async def run(self) -> None:
        """Hop until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.consume())
            group.create_task(self.relay())

    async def consume(self) -> None:
        """Apply what each poll brings in one transaction."""
        raw = await asyncpg.connect(self.url)
        consumer = AIOKafkaConsumer(
            self.heard.name,
            bootstrap_servers=self.servers,
            group_id="ceiling",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            while True:
                polled = await consumer.getmany(timeout_ms=500, max_records=2000)
                records = [record for batch in polled.values() for record in batch]
                if records:
                    async with raw.transaction():
                        await self.apply(raw, records)
                    self.committed.set()
        finally:
            await consumer.stop()
            await raw.close()

    async def apply(self, raw: asyncpg.Connection, records: list[Any]) -> None:
        """Write one batch."""
        ids = [UUID(dict(record.headers)["ce_id"].decode()) for record in records]
        unseen = {
            row["ce_id"]
            for row in await raw.fetch(
                "insert into inbox select unnest($1::uuid[]) on conflict do nothing returning ce_id", ids
            )
        }
        events = [orjson.loads(record.value) for record, ce_id in zip(records, ids, strict=True) if ce_id in unseen]
        contacts = [UUID(event["contact_id"]) for event in events]
        await raw.execute(
            "insert into contacts select distinct on (c) c, f from unnest($1::uuid[], $2::text[]) as u(c, f) order by c"
            " on conflict (contact_id) do update set facts = excluded.facts",
            contacts,
            [orjson.dumps(event["facts"]).decode() for event in events],
        )
        await raw.execute(
            "insert into engagements select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])"
            " on conflict do nothing",
            [UUID(event["engagement_id"]) for event in events],
            contacts,
            [event["engagement"] for event in events],
            [datetime.fromisoformat(event["occurred_at"]) for event in events],
        )
        raised = [event for event in events if event["engagement"] in {"demo_request", "contact_sales"}]
        leads = {uuid5(UUID(event["contact_id"]), "1"): event for event in raised}
        new = await raw.fetch(
            "insert into leads select * from unnest($1::uuid[], $2::uuid[]) on conflict do nothing returning lead_id",
            list(leads),
            [UUID(event["contact_id"]) for event in leads.values()],
        )
        assigned = [(row["lead_id"], leads[row["lead_id"]]) for row in new]
        await raw.execute(
            "insert into outbox (key, ce_id, value) select * from unnest($1::text[], $2::uuid[], $3::text[])",
            [event["contact_id"] for _, event in assigned],
            [lead for lead, _ in assigned],
            [orjson.dumps({**event, "lead_id": str(lead), "cycle": 1}).decode() for lead, event in assigned],
        )
        await self.reached(raw, records)

    async def reached(self, raw: asyncpg.Connection, records: list[Any]) -> None:
        """Keep how far each partition was read."""
        reached = {(record.topic, record.partition): record.offset + 1 for record in records}
        await raw.execute(
            "insert into positions select * from unnest($1::text[], $2::int[], $3::bigint[])"
            " on conflict (topic, partition) do update set next_offset = excluded.next_offset",
            [topic for topic, _ in reached],
            [number for _, number in reached],
            list(reached.values()),
        )

    async def relay(self) -> None:
        """Send the outbox, one batch a partition a round."""
        raw = await asyncpg.connect(self.url)
        producer = AIOKafkaProducer(bootstrap_servers=self.servers, acks="all", linger_ms=0, max_batch_size=1_048_576)
        await producer.start()
        choose = DefaultPartitioner()
        partitions = list(range(self.spoken.partitions))
        await producer.partitions_for(self.spoken.name)
        try:
            while True:
                async with raw.transaction():
                    self.committed.clear()
                    rows = await raw.fetch("select id, key, ce_id, value from outbox order by id limit 2000")
                    batches: dict[int, tuple[Any, list[int]]] = {}
                    for row in rows:
                        number = int(choose(row["key"].encode(), partitions, partitions))
                        builder, ids = batches.setdefault(number, (producer.create_batch(), []))
                        headers = _headers(row, self.spoken)
                        stamp = int(datetime.now(UTC).timestamp() * 1000)
                        if builder.append(
                            key=row["key"].encode(), value=row["value"].encode(), timestamp=stamp, headers=headers
                        ):
                            ids.append(row["id"])
                    sent = [
                        await producer.send_batch(builder, self.spoken.name, partition=number)
                        for number, (builder, _) in batches.items()
                    ]
                    await asyncio.gather(*sent)
                    await raw.execute(
                        "delete from outbox where id = any($1::bigint[])",
                        [row_id for _, ids in batches.values() for row_id in ids],
                    )
                if not rows:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self.committed.wait(), 1.0)
        finally:
            await producer.stop()
            await raw.close()


def _headers(row: Any, topic: Topic) -> list[tuple[str, bytes]]:
    return [
        ("ce_id", str(row["ce_id"]).encode()),
        ("ce_type", topic.events[0].ce_type.encode()),
        ("ce_source", b"ceiling"),
        ("ce_specversion", b"1.0"),
        ("ce_time", datetime.now(UTC).isoformat().encode()),
        ("content-type", b"application/json"),
    ]


if __name__ == "__main__":
    uvloop.run(Ceiling(sys.argv[1], sys.argv[2]).run())
