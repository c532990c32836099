"""What every bench stands on: one real PostgreSQL with fsync on, one real Kafka, topics filled beforehand."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from baton import kafka, postgres
from events.contacts import ContactCaptured
from events.envelope import ContactEvent, Envelope
from events.topics import TOPIC_OF, TOPICS

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Parts:
    """A PostgreSQL and a Kafka that are up."""

    database: postgres.Postgres
    servers: str
    folder: Path

    async def new_database(self, name: str) -> str:
        """Make an empty database and give its URL."""
        return await asyncio.to_thread(self.database.create_database, name)

    async def new_topics(self) -> None:
        """Remove all topics and make them anew, empty."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            names = [name for name in await admin.list_topics() if not name.startswith("__")]
            if names:
                await admin.delete_topics(names)
                while set(names) & set(await admin.list_topics()):  # noqa: ASYNC110 - the broker does not say
                    await asyncio.sleep(0.1)
            await admin.create_topics(
                [NewTopic(topic.name, topic.partitions, 1, topic_configs=topic.settings()) for topic in TOPICS]
            )
        finally:
            await admin.close()

    async def ends(self, topic: str) -> int:
        """Count the records that a topic has been given."""
        client = AIOKafkaConsumer(bootstrap_servers=self.servers)
        await client.start()
        try:
            known = (await client._client.fetch_all_metadata()).partitions_for_topic(topic)
            ends = await client.end_offsets([TopicPartition(topic, number) for number in known or ()])
            return sum(ends.values())
        finally:
            await client.stop()


@asynccontextmanager
async def up() -> AsyncIterator[Parts]:
    """Start both, and stop them afterwards."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as name:
        folder = Path(name)
        database = await asyncio.to_thread(postgres.start_postgres, folder / "postgres")
        broker = await asyncio.to_thread(kafka.start_kafka, folder / "kafka")
        try:
            yield Parts(database, broker.bootstrap, folder)
        finally:
            await asyncio.to_thread(broker.stop)
            await asyncio.to_thread(database.stop)


def engagements(count: int, seed: int = 1, contacts: Sequence[UUID] = ()) -> list[ContactCaptured]:
    """Make `count` engagements: two of five raise a hand, the others download, watch and look at prices."""
    dice = random.Random(seed)  # noqa: S311 - played data
    kinds = ("demo_request", "contact_sales", "content_download", "webinar_attended", "pricing_view")
    now = datetime.now(UTC)
    people = contacts or [UUID(int=dice.getrandbits(128), version=4) for _ in range(max(1, count * 4 // 5))]
    return [
        ContactCaptured(
            contact_id=dice.choice(people),
            engagement_id=UUID(int=dice.getrandbits(128), version=4),
            engagement=dice.choice(kinds),
            source="web_form",
            occurred_at=now - timedelta(seconds=count - number),
            received_at=now,
            email_domain=f"firm-{dice.randrange(5000)}.com",
            email_kind="corporate",
            company="Firm",
            country="DE",
            industry="software",
            employees=dice.choice((5, 40, 300, 2000)),
            job_title=dice.choice(("Head of Sales", "Marketing Manager", "Student", "CTO")),
            facts={"origin": "organic search"},
        )
        for number in range(count)
    ]


async def fill(servers: str, events: Sequence[ContactEvent]) -> None:
    """Put events on their topics."""
    producer = AIOKafkaProducer(bootstrap_servers=servers, linger_ms=5, max_batch_size=1_048_576)
    await producer.start()
    try:
        for event in events:
            headers = Envelope(str(event.ce_id), event.ce_type, "bench", datetime.now(UTC), 1).headers()
            await producer.send(TOPIC_OF[type(event)].name, event.encode(), event.key.encode(), headers=headers)
        await producer.flush()
    finally:
        await producer.stop()


async def count(raw: asyncpg.Connection, query: str) -> int:
    """Run a counting query."""
    return int(await raw.fetchval(query))
