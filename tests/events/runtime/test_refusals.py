"""Real Kafka refuses batches; what is at fault is set aside or waits, and everything else flows in order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from events.ids import derive_id
from events.topics import LEADS_RECYCLED, dead_letter_topic_name
from tests.events.runtime.conftest import Outsider, Toy, captured, until, woken


@pytest.fixture
def toy(lone_toy: Toy) -> Toy:
    """A toy whose topic nobody else fills, so that only what Kafka refused is set aside."""
    return lone_toy


@asynccontextmanager
async def admin(toy: Toy) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=toy.service.settings.kafka_bootstrap_servers)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def limit(toy: Toy, outsider: Outsider, **settings: str) -> None:
    """Set a limit on the toy's own topic, that of its dead letters, once it is there."""
    topic = dead_letter_topic_name(toy.service.name)

    async def there() -> bool:
        return bool((await outsider.settings(topic))[0])

    await until(there)
    wanted = {name.replace("_", "."): value for name, value in settings.items()}

    async def known() -> bool:
        async with admin(toy) as client:
            await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=wanted)])
        _, found = await outsider.settings(topic)
        return {name: found.get(name) for name in wanted} == wanted

    try:
        await until(known, 30)
    except TimeoutError:
        pytest.skip("this broker has no settings that a topic may change")


async def say(toy: Toy, *texts: str) -> list[UUID]:
    """Publish so many records of a text's length on the toy's own topic, in one transaction, each with its own key."""
    ids = [uuid4() for _ in texts]
    async with toy.service.transaction() as tx:
        for which, text in zip(ids, texts, strict=True):
            tx.emit_dead_letter(which, "a topic", str(which), text)
    return [derive_id("dead-letter", which) for which in ids]


async def arrived(toy: Toy, outsider: Outsider) -> list[UUID]:
    return [
        UUID(dict(record.headers)["ce_id"].decode())
        for record in await outsider.read(dead_letter_topic_name(toy.service.name))
    ]


async def sent(toy: Toy) -> bool:
    return not await toy.rows("select from outbox")


async def test_a_batch_that_is_too_large_is_halved_until_it_fits(toy: Toy, outsider: Outsider) -> None:
    """X42: with `max.message.bytes=4000` and values of 2.3 kB the outbox stood still until the limit was raised."""
    async with toy.running():
        await limit(toy, outsider, max_message_bytes="4000")
        published = await say(toy, *["x" * 2_300 for _ in range(60)])

        async def all_sent() -> bool:
            return await sent(toy)

        await until(all_sent)
        assert sorted(set(await arrived(toy, outsider))) == sorted(published)
        assert await toy.rows("select from parked") == []


async def test_two_thousand_refused_records_hold_up_nobody(toy: Toy, outsider: Outsider) -> None:
    """X42: other topics and the records behind them flow; those set aside are listed, counted and can be sent again."""
    async with toy.running():
        await limit(toy, outsider, max_message_bytes="4000")
        topic = dead_letter_topic_name(toy.service.name)
        key = uuid4()
        async with toy.service.transaction() as tx:
            tx.emit_dead_letter(uuid4(), "a topic", str(key), "before")
            tx.emit_dead_letter(uuid4(), "a topic", str(key), "x" * 5_000)
            tx.emit_dead_letter(uuid4(), "a topic", str(key), "after")
        await say(toy, *["x" * 5_000 for _ in range(1_999)])
        small = await say(toy, *["y" for _ in range(20)])
        other = woken(captured())
        async with toy.service.transaction() as tx:
            tx.emit(other)

        async def other_topic_flows() -> bool:
            return any(record.key == other.key.encode() for record in await outsider.read(LEADS_RECYCLED.name))

        await until(other_topic_flows)
        assert len(await toy.rows("select from outbox")) > 1_000

        async def some_aside() -> bool:
            return len(await toy.rows("select from parked")) >= 100

        await until(some_aside, 120)
        sequences = [
            int(dict(record.headers)["ce_sequence"])
            for record in await outsider.read(topic)
            if record.key == str(key).encode()
        ]
        assert list(dict.fromkeys(sequences)) == [1, 3], "consumers see the gap"
        parked = await toy.rows("select topic, reason, detail from parked where state = 'parked'")
        assert {(row["topic"], row["reason"]) for row in parked} == {(f"outbox:{topic}", "refused_by_kafka")}
        assert {row["detail"] for row in parked} <= {"MessageSizeTooLargeError", "RecordListTooLargeError"}
        assert (await toy.service.status())["set_aside"] >= 100

        await limit(toy, outsider, max_message_bytes="100000")

        async def all_gone() -> bool:
            return await sent(toy)

        await until(all_gone, 60)
        assert set(small) <= set(await arrived(toy, outsider))
        while await toy.service.send_refused_again(None):
            pass
        await until(all_gone, 60)
        assert len(set(await arrived(toy, outsider))) == 2_022
        assert await toy.rows("select from parked where state = 'parked'") == []


async def test_a_record_set_aside_outlives_its_journal(toy: Toy, outsider: Outsider) -> None:
    async with toy.running():
        await limit(toy, outsider, max_message_bytes="4000")
        [big] = await say(toy, "x" * 5_000)

        async def aside() -> bool:
            return bool(await toy.rows("select from parked"))

        await until(aside)
        await toy.rows("delete from journal")
        await limit(toy, outsider, max_message_bytes="100000")
        [row] = await toy.rows("select id from parked")
        assert await toy.service.close_parked(row["id"], "replay") == "replayed"

        async def back() -> bool:
            return big in await arrived(toy, outsider)

        await until(back)


async def test_what_was_sent_is_known_by_offset(toy: Toy, outsider: Outsider) -> None:
    """Which records a consumer missed is answered by offsets: the journal alone does not know them."""
    async with toy.running():
        published = await say(toy, *["x" for _ in range(7)])
        published += await say(toy, "y")

        async def all_sent() -> bool:
            return await sent(toy)

        await until(all_sent)
        rows = await toy.rows(
            "select j.ce_id, s.base_offset + u.nth - 1 as at from sent s, unnest(s.ids) with ordinality as u(id, nth)"
            " join journal j using (id) where s.day = j.day and s.topic = $1",
            dead_letter_topic_name(toy.service.name),
        )
        records = await outsider.read(dead_letter_topic_name(toy.service.name))
        assert {(row["at"], row["ce_id"]) for row in rows} == {
            (record.offset, UUID(dict(record.headers)["ce_id"].decode())) for record in records
        }
        assert sorted(row["ce_id"] for row in rows) == sorted(published)
