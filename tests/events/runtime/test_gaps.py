"""Records that are deleted before a service has applied them are found, named and sent again by who published them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from events.gaps import GapAnswered
from events.runtime import Transaction, gaps, metrics
from events.runtime.positions import Position, save_positions
from events.topics import CONTACTS_CAPTURED, dead_letter_topic_name
from tests.containers import Broker, Server
from tests.events.runtime.conftest import PLAYBOOK, Outsider, Toy, captured, until

TOPIC = CONTACTS_CAPTURED.name


@pytest.fixture
async def producer(server: Server, broker: Broker, tmp_path: Path) -> AsyncIterator[Toy]:
    """A second toy, which publishes engagements and consumes nothing but others' gaps."""
    (tmp_path / "toy.yaml").write_text(PLAYBOOK)
    name = f"source_{uuid4().hex[:8]}"
    url = await asyncio.to_thread(server.create_database, name)
    made = Toy(url, broker.bootstrap, tmp_path)
    made.service.name = name
    del made.service.on[CONTACTS_CAPTURED]
    made.service.settings = made.service.settings.model_copy(update={"instance": "source-0"})
    yield made
    await asyncio.to_thread(server.drop_database, name)


async def publish(toy: Toy, count: int) -> list[UUID]:
    events = [captured() for _ in range(count)]
    async with toy.service.transaction() as tx:
        for event in events:
            tx.emit(event)

    async def sent() -> bool:
        return not await toy.rows("select from outbox")

    await until(sent)
    return [event.engagement_id for event in events]


@asynccontextmanager
async def both(first: Toy, second: Toy) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for toy in (first, second):
            await stack.enter_async_context(toy.running())
        yield


async def applied(toy: Toy, engagements: Sequence[UUID]) -> bool:
    rows = await toy.rows("select times from heard where engagement_id = any($1)", engagements)
    return [int(row["times"]) for row in rows] == [1] * len(engagements)


async def purge(toy: Toy, topic: str) -> None:
    """Delete all records of a topic, as retention does."""
    servers = toy.service.settings.kafka_bootstrap_servers
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=servers)
    await admin.start()
    await consumer.start()
    try:
        numbers = (await consumer._client.fetch_all_metadata()).partitions_for_topic(topic) or ()
        ends = await consumer.end_offsets([TopicPartition(topic, number) for number in numbers])
        await admin.delete_records({place: RecordsToDelete(before_offset=end) for place, end in ends.items()})
    finally:
        await consumer.stop()
        await admin.close()


async def open_gaps(toy: Toy) -> list[Any]:
    return await toy.rows("select * from gaps where topic = $1 and state <> 'accepted' order by partition", TOPIC)


async def test_what_retention_took_from_a_stopped_consumer_is_sent_again(toy: Toy, producer: Toy) -> None:
    """X15: 40 contacts never reached scoring, without a line in a log, and where nothing new came `wait` waited."""
    async with both(producer, toy):
        before = await publish(producer, 12)
        await until(lambda: applied(toy, before))
    await producer.service.start()
    try:
        missed = await publish(producer, 40)
        await purge(toy, TOPIC)
        count = metrics.MISSED.labels(TOPIC)._value.get()
        async with toy.running():
            await until(lambda: applied(toy, missed), 60)
            found = await open_gaps(toy)
            assert sum(row["to_offset"] - row["from_offset"] for row in found) >= 40
            assert metrics.MISSED.labels(TOPIC)._value.get() - count >= 40

            async def healed() -> bool:
                return sum(int(row["republished"]) for row in await open_gaps(toy)) >= 40

            await until(healed)
            named: list[gaps.PublishedRow] = []
            async with producer.service.transaction() as tx:
                for row in found:
                    span = (row["from_offset"], row["to_offset"])
                    named += await gaps.list_published_at(tx, TOPIC, row["partition"], span, 100)
            assert len({row.ce_id for row in named}) >= 40
            assert toy.service.progress is not None
            await until(toy.service.progress.has_caught_up)
    finally:
        await producer.service.stop()


async def test_records_deleted_under_a_running_consumer_are_missed_too(toy: Toy, producer: Toy) -> None:
    """A handler that stands while retention passes it: the client jumps on by itself, and nobody would know."""
    async with both(producer, toy):
        first = await publish(producer, 6)
        await until(lambda: applied(toy, first))
        assert toy.service.consumer is not None
        client = toy.service.consumer._client
        assert client is not None
        client.pause(*client.assignment())
        await publish(producer, 3)
        await purge(toy, TOPIC)

        async def noticed() -> bool:
            return bool(await open_gaps(toy))

        await until(noticed)
        client.resume(*client.assignment())
        rows = await producer.rows("select value from journal where topic = $1", TOPIC)
        assert len(rows) == 9

        async def all_there() -> bool:
            return len(list(await toy.rows("select from heard"))) >= 9

        await until(all_there, 60)


async def test_a_topic_made_anew_gets_what_was_unread_of_the_old_one(
    toy: Toy, producer: Toy, outsider: Outsider
) -> None:
    """X14: the position lies beyond the new end; what was on the old topic and never read is sent again."""
    async with both(producer, toy):
        before = await publish(producer, 12)
        await until(lambda: applied(toy, before))
    await producer.service.start()
    try:
        missed = await publish(producer, 12)
        await outsider.delete(TOPIC)

        async def made_anew() -> bool:
            return bool((await outsider.settings(TOPIC))[0])

        await until(made_anew, 60)
        async with toy.running():
            await until(lambda: applied(toy, missed), 60)
            assert {row["to_offset"] for row in await open_gaps(toy)} == {None}
    finally:
        await producer.service.stop()


async def test_a_position_never_goes_back_by_itself(toy: Toy) -> None:
    """A member that lost the partition is late with an older one; only a recreated topic moves it back."""
    spot = ("leads.worked.v1", 3)
    await toy.service.prepare()

    async def stored() -> int:
        return int((await toy.rows("select next_offset from positions where partition = 3"))[0]["next_offset"])

    for offset in (10, 7, 12):
        async with toy.service.transaction() as tx:
            await save_positions(tx.raw, {spot: Position(offset, "x")})
    assert await stored() == 12
    await gaps.restart_recreated_topic(toy.service.transaction, spot, 0)
    assert await stored() == 0
    await gaps.record_gaps_and_resume(toy.service.transaction, {spot: (0, 5)})
    assert await stored() == 0
    await gaps.record_gaps_and_resume(toy.service.transaction, {spot: (4, 5)})
    assert await stored() == 4
    rows = await toy.rows("select from_offset, to_offset from gaps order by from_offset")
    assert [tuple(row) for row in rows] == [(0, 4), (12, None)]
    await toy.service.stop()


async def test_a_gap_is_open_until_all_of_it_is_accounted_for(toy: Toy) -> None:
    """What nobody has any more stays in the gauge until an operator asks again or accepts the loss."""
    await toy.service.prepare()
    spot = (dead_letter_topic_name("capture"), 0)
    other = (dead_letter_topic_name("scoring"), 0)
    await gaps.record_gaps_and_resume(toy.service.transaction, {spot: (0, 0), other: (7, 9)})
    assert (await toy.service.status())["gaps"] == 0, "what expired before a service first reads alarms nobody"
    await gaps.record_gaps_and_resume(toy.service.transaction, {spot: (10, 10)})
    [gap] = await toy.rows("select * from gaps where topic = $1", spot[0])

    async def answer(service: str, republished: int, erased: int) -> str:
        async with toy.service.transaction() as tx:
            await gaps.on_gaps_found([_answer(tx, gap, service, republished, erased)], tx)
        return str((await toy.rows("select state from gaps where id = $1", gap["id"]))[0]["state"])

    assert await answer("capture", 6, 1) == "incomplete"
    assert await answer("capture", 6, 1) == "incomplete", "one service answers once"
    assert (await toy.service.status())["gaps"] == 1
    assert await answer("scoring", 3, 0) == "healed"
    assert (await toy.service.status())["gaps"] == 0
    assert await toy.service.close_gap(gap["id"], "heal") == "open"
    assert (await toy.service.status())["gaps"] == 1
    [again] = await toy.rows("select id from gaps where state = 'open'")
    assert await toy.service.close_gap(again["id"], "accept") == "accepted"
    assert (await toy.service.status())["gaps"] == 0
    assert await toy.service.close_gap(UUID(int=0), "accept") == "unknown"
    await toy.service.stop()


def _answer(tx: Transaction, gap: Any, service: str, republished: int, erased: int) -> Any:
    return GapAnswered(
        occurred_at=tx.now, gap_id=gap["id"], topic=gap["topic"], service=service,
        republished=republished, erased=erased,
    )  # fmt: skip
