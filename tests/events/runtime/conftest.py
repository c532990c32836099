"""A toy service on real parts, small enough that what is tested is the runtime."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from fastapi import APIRouter
from pydantic import BaseModel, SecretStr

from events import topics
from events.contacts import ContactCaptured
from events.envelope import Envelope
from events.leads import LeadWoken
from events.runtime import DueTimer, Reject, Service, Settings, Transaction
from events.runtime.rows import Row
from tests.containers import Broker, Server

PLAYBOOK = "limit: 3\n"


class ToyPlaybook(BaseModel):
    limit: int


class Toy:
    """A service that counts what it consumes and answers each engagement with a `LeadWoken`."""

    def __init__(self, url: str, servers: str, folder: Path, topic: topics.Topic = topics.CONTACTS_CAPTURED) -> None:
        self.url = url
        self.topic = topic.name
        self.bugs: set[UUID] = set()
        self.rejected: set[UUID] = set()
        self.before_commit: Callable[[], Awaitable[None]] | None = None
        self.service = Service(
            name="toy",
            settings=Settings,
            playbook=("toy.yaml", ToyPlaybook),
            migrations=Path(__file__).parent / "toy_migrations",
            on={topic: self.apply_captured},
            due={"later": self.later},
            router=APIRouter(),
            audit=self.audit,
        )
        self.service.settings = Settings(
            database_url=SecretStr(url),
            kafka_bootstrap_servers=servers,
            secret=SecretStr("x"),
            playbook_dir=folder,
            instance="toy-0",
        )
        self.fired: list[DueTimer] = []
        self.most_at_once = 0

    async def apply_captured(self, batch: Sequence[ContactCaptured], tx: Transaction) -> None:
        for event in batch:
            if event.contact_id in self.bugs:
                raise ZeroDivisionError
            if event.contact_id in self.rejected:
                raise Reject("not_wanted")
        await tx.raw.execute(
            "insert into heard select e, c, 1 from unnest($1::uuid[], $2::uuid[]) as u(e, c)"
            " on conflict (engagement_id) do update set times = heard.times + 1",
            [event.engagement_id for event in batch],
            [event.contact_id for event in batch],
        )
        for event in batch:
            tx.emit(woken(event))
        if self.before_commit is not None:
            await self.before_commit()

    async def later(self, batch: Sequence[DueTimer], tx: Transaction) -> None:
        await tx.raw.execute(
            "insert into heard select k, c, 1 from unnest($1::uuid[], $2::uuid[]) as u(k, c)"
            " on conflict (engagement_id) do update set times = heard.times + 1",
            [due.key for due in batch],
            [due.contact_id for due in batch],
        )
        if self.before_commit is not None:
            await self.before_commit()
        self.fired.extend(batch)
        self.most_at_once = max(self.most_at_once, len(batch))

    async def audit(self, _: Transaction) -> list[Row]:
        return []

    async def rows(self, query: str, *args: Any) -> list[Any]:
        raw = await asyncpg.connect(self.url)
        try:
            return list(await raw.fetch(query, *args))
        finally:
            await raw.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Toy"]:
        await self.service.start()
        try:
            yield self
        finally:
            with suppress(TimeoutError):  # Kafka's client leaves its socket behind when it is stopped while it connects
                await until(self._connected, 5.0)
            await self.service.stop()

    async def _connected(self) -> bool:
        consumer = self.service.consumer
        return not self.service.on or (consumer is not None and consumer.assigned)


def woken(event: ContactCaptured) -> LeadWoken:
    return LeadWoken(
        occurred_at=event.occurred_at,
        contact_id=event.contact_id,
        lead_id=event.engagement_id,
        cycle=1,
        reason=event.engagement,
        playbook_version="toy",
    )


def captured(contact_id: UUID | None = None) -> ContactCaptured:
    now = datetime.now(UTC)
    return ContactCaptured(
        contact_id=contact_id or uuid4(),
        engagement_id=uuid4(),
        engagement="demo_request",
        source="web_form",
        occurred_at=now,
        received_at=now,
    )


async def until(question: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Wait for an outcome, with a deadline."""
    async with asyncio.timeout(seconds):
        while not await question():  # noqa: ASYNC110 - an outcome in another process
            await asyncio.sleep(0.02)


class Outsider:
    """Somebody else's producer and consumer: only the contract is shared."""

    def __init__(self, servers: str, topic: str = topics.CONTACTS_CAPTURED.name) -> None:
        self.servers = servers
        self.topic = topic

    async def send(self, *events: ContactCaptured, sequence: int = 1) -> None:
        records = [
            (
                event.key.encode(),
                event.encode(),
                Envelope(str(event.ce_id), event.ce_type, "outsider", datetime.now(UTC), sequence).headers(),
            )
            for event in events
        ]
        await self.send_raw(*records)

    async def send_raw(self, *records: tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.servers, acks="all")
        await producer.start()
        try:
            for key, value, headers in records:
                await producer.send_and_wait(self.topic, value, key, headers=headers)
        finally:
            await producer.stop()

    async def send_again(self, *records: Any) -> None:
        """Send records that were read from a topic once more, as a relay would that did not know they were sent."""
        producer = AIOKafkaProducer(bootstrap_servers=self.servers, acks="all")
        await producer.start()
        try:
            for record in records:
                await producer.send_and_wait(
                    record.topic, record.value, record.key, partition=record.partition, headers=list(record.headers)
                )
        finally:
            await producer.stop()

    async def delete(self, *topics: str) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            await admin.delete_topics(list(topics))
        finally:
            await admin.close()

    async def settings(self, topic: str) -> tuple[int, dict[str, str]]:
        """Return the number of partitions (0 where there is no such topic) and what it is told."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            if topic not in await admin.list_topics():
                return 0, {}
            [known] = await admin.describe_topics([topic])
            [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
            entries_of = {name: value for _, _, _, _, entries in answer.resources for name, value, *_ in entries}
            return len(known["partitions"]), entries_of
        finally:
            await admin.close()

    async def unsettled(self, group: str, topic: str) -> int:
        """Count the records of a topic that a group has not committed."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.servers)
        await admin.start()
        await consumer.start()
        try:
            numbers = (await consumer._client.fetch_all_metadata()).partitions_for_topic(topic) or ()
            ends = await consumer.end_offsets([TopicPartition(topic, number) for number in numbers])
            committed = await admin.list_consumer_group_offsets(group, partitions=list(ends))
            offsets = {place: max(0, found.offset) for place, found in committed.items()}
            return sum(end - offsets.get(place, 0) for place, end in ends.items())
        finally:
            await consumer.stop()
            await admin.close()

    async def read(self, topic: str) -> list[Any]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.servers, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = list((await consumer._client.fetch_all_metadata()).partitions_for_topic(topic) or ())
            assigned = [TopicPartition(topic, number) for number in partitions]
            consumer.assign(assigned)
            ends = await consumer.end_offsets(assigned)
            found: list[Any] = []
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found.extend(records)
            return found
        finally:
            await consumer.stop()


@pytest.fixture
def outsider(broker: Broker) -> Outsider:
    return Outsider(broker.bootstrap)


@pytest.fixture
async def toy(server: Server, broker: Broker, tmp_path: Path) -> AsyncIterator[Toy]:
    (tmp_path / "toy.yaml").write_text(PLAYBOOK)
    name = f"toy_{uuid4().hex[:8]}"
    url = await asyncio.to_thread(server.create_database, name)
    made = Toy(url, broker.bootstrap, tmp_path)
    made.service.name = name
    yield made
    await asyncio.to_thread(server.drop_database, name)


@pytest.fixture
async def lone_toy(server: Server, broker: Broker, tmp_path: Path) -> AsyncIterator[Toy]:
    """A toy on a topic of its own, for what nobody else should read."""
    topic = replace(topics.CONTACTS_CAPTURED, name=f"contacts.{uuid4().hex[:8]}.v1")
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic.name, topic.partitions, 1, topic_configs=topic.settings())])
    (tmp_path / "toy.yaml").write_text(PLAYBOOK)
    name = f"toy_{uuid4().hex[:8]}"
    url = await asyncio.to_thread(server.create_database, name)
    made = Toy(url, broker.bootstrap, tmp_path, topic)
    made.service.name = name
    yield made
    await asyncio.to_thread(server.drop_database, name)
    await admin.delete_topics([topic.name])
    await admin.close()
