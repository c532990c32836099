"""One row that another session holds, or a topic full of poison, stops one partition and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from baton import kafka_apache
from events.runtime import locks, partition_gate, security, transaction
from events.runtime.deadlines import lengthen_deadlines
from events.runtime.testing import BUSY
from tests.containers import Broker
from tests.fuzz.raw import Raw, Writer, batch

from .conftest import Toy, until
from .test_poison import applied, in_order

pytestmark = pytest.mark.skipif(
    not kafka_apache.can_run_apache_kafka(),
    reason="needs Java 17+ and Maven: the broker in memory reads what it is sent",
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (locks, transaction):
        monkeypatch.setattr(module, "LOCK_MILLISECONDS", 200)


@asynccontextmanager
async def holding(toy: Toy, statement: str, *args: Any) -> AsyncIterator[None]:
    """Lock rows, as a session does that was forgotten."""
    raw = await asyncpg.connect(toy.url)
    try:
        async with raw.transaction():
            await raw.execute(statement, *args)
            yield
    finally:
        await raw.close()


async def settled(toy: Toy) -> bool:
    return toy.service.consumer is not None and toy.service.consumer.assigned


async def test_a_locked_contact_holds_up_its_partition_alone_and_in_order(lone_toy: Toy, broker: Broker) -> None:
    """X22."""
    person = uuid4()
    before, locked, behind, beside, later = in_order(), in_order(person), in_order(), in_order(), in_order()
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        await until(lambda: settled(lone_toy))
        await lone_toy.rows("insert into contacts values ($1)", person)
        async with holding(lone_toy, "select from contacts where contact_id = $1 for update", person):
            await writer.send(lone_toy.topic, 0, batch([before[1], locked[1], behind[1]]))
            await writer.send(lone_toy.topic, 1, batch([beside[1]]))
            await until(lambda: applied(lone_toy, [before[0], beside[0]]))
            await until(lambda: waits(lone_toy, 1))
            await writer.send(lone_toy.topic, 1, batch([later[1]]))
            await until(lambda: applied(lone_toy, [later[0]]))
            assert await applied(lone_toy, [])
            rows = await lone_toy.rows("select 1 from heard where engagement_id = any($1)", [locked[0], behind[0]])
            assert rows == []
            assert lone_toy.service.list_stuck_loops() == []
        await until(lambda: applied(lone_toy, [locked[0], behind[0]]))
        await until(lambda: waits(lone_toy, 0))


async def waits(toy: Toy, partitions: int) -> bool:
    return toy.service.consumer is not None and len(toy.service.consumer.gate.waiting) == partitions


async def test_a_locked_contact_holds_up_its_own_timers_alone(lone_toy: Toy, broker: Broker) -> None:
    """X22: what fell due before and after it is carried out meanwhile, though a record about it waits as well."""
    person, due, later = uuid4(), [uuid4() for _ in range(3)], uuid4()
    timer = "insert into timers values ('later', $1, $2, now() - interval '1 hour')"
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        await until(lambda: settled(lone_toy))
        await lone_toy.rows("insert into contacts values ($1)", person)
        async with holding(lone_toy, "select from contacts where contact_id = $1 for update", person):
            await writer.send(lone_toy.topic, 0, batch([in_order(person)[1]]))
            await until(lambda: waits(lone_toy, 1))
            for key, contact in zip(due, (uuid4(), person, uuid4()), strict=True):
                await lone_toy.rows(timer, key, contact)
            await until(lambda: fired(lone_toy, [due[0], due[2]]))
            await lone_toy.rows(timer, later, uuid4())
            await until(lambda: fired(lone_toy, [due[0], due[2], later]))
        await until(lambda: fired(lone_toy, [*due, later]))


async def fired(toy: Toy, keys: list[UUID]) -> bool:
    return {each.key for each in toy.fired} == set(keys) and len(toy.fired) == len(keys)


async def test_a_locked_row_that_is_no_contact_holds_up_the_partitions_that_need_it(
    lone_toy: Toy, broker: Broker
) -> None:
    """X22."""
    first, beside, after = in_order(), in_order(), in_order()
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        await until(lambda: settled(lone_toy))
        await lone_toy.rows("insert into heard values ($1, $1, 0)", first[0])
        async with holding(lone_toy, "select from heard where engagement_id = $1 for update", first[0]):
            await writer.send(lone_toy.topic, 2, batch([first[1]]))
            await writer.send(lone_toy.topic, 3, batch([beside[1]]))
            await until(lambda: applied(lone_toy, [beside[0]]))
            await until(lambda: waits(lone_toy, 1))
            await writer.send(lone_toy.topic, 2, batch([after[1]]))
        await until(lambda: applied(lone_toy, [first[0], after[0]]))


def spoilt(raw: Raw) -> Raw:
    return raw._replace(value=b"{}")


async def test_a_partition_of_nothing_but_poison_stops_at_once_over_restarts_until_it_is_resumed(
    lone_toy: Toy, broker: Broker
) -> None:
    """X26."""
    good, beside = in_order(), in_order()
    poison = [spoilt(in_order()[1]) for _ in range(200)]
    async with Writer(broker.bootstrap) as writer:
        async with lone_toy.running():
            await until(lambda: settled(lone_toy))
            await writer.send(lone_toy.topic, 0, batch([*poison, good[1]]))
            await writer.send(lone_toy.topic, 1, batch([beside[1]]))
            await until(lambda: applied(lone_toy, [beside[0]]))
            await until(lambda: stands(lone_toy, 1))
            assert await count(lone_toy) == partition_gate.TOO_MANY + 1
        async with lone_toy.running():
            await until(lambda: settled(lone_toy))
            assert await stopped(lone_toy) == [(lone_toy.topic, 0)]
            assert await resume(lone_toy, {"topic": lone_toy.topic}) == 1
            await until(lambda: parked_are(lone_toy, 2 * (partition_gate.TOO_MANY + 1)))
            await until(lambda: stands(lone_toy, 1))
            assert await resume(lone_toy, {"park_all": True}) == 1
            await until(lambda: applied(lone_toy, [good[0]]))
            assert await count(lone_toy) == len(poison)
            assert await stopped(lone_toy) == []


async def stands(toy: Toy, partitions: int) -> bool:
    return len(await toy.rows("select from stopped_partitions")) == partitions


async def parked_are(toy: Toy, number: int) -> bool:
    return await count(toy) == number


async def count(toy: Toy) -> int:
    return len(await toy.rows("select from parked"))


@asynccontextmanager
async def operator(toy: Toy) -> AsyncIterator[httpx.AsyncClient]:
    key_id, key, digest = security.draw_key()
    raw = await asyncpg.connect(toy.url)
    await security.insert_key(raw, key_id=key_id, digest=digest, scopes=["admin"])
    await raw.close()
    transport = httpx.ASGITransport(app=toy.service.app())
    bearer = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://toy", headers=bearer) as http:
        with lengthen_deadlines(BUSY):
            yield http


async def stopped(toy: Toy) -> list[tuple[str, int]]:
    async with operator(toy) as http:
        items = (await http.get("/v1/partitions/stopped")).raise_for_status().json()["items"]
    return [(item["topic"], item["partition"]) for item in items]


async def resume(toy: Toy, what: dict[str, Any]) -> int:
    async with operator(toy) as http:
        answer = await http.post("/v1/partitions/resume", params=what)
    return len(answer.raise_for_status().json()["resumed"])


async def test_poison_among_good_records_stops_no_partition(lone_toy: Toy, broker: Broker) -> None:
    """One in five is parked, never more than 20 of the last 100."""
    good: list[UUID] = []
    records = []
    for number in range(500):
        engagement, raw = in_order()
        if number % 5:
            good.append(engagement)
        records.append(raw if number % 5 else spoilt(raw))
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        for start in range(0, len(records), 50):
            await writer.send(lone_toy.topic, 4, batch(records[start : start + 50]))
        await until(lambda: applied(lone_toy, good), 60)
        assert await count(lone_toy) == len(records) - len(good)
        assert await stopped(lone_toy) == []


async def test_what_a_handler_refuses_counts_too(lone_toy: Toy, broker: Broker) -> None:
    records, after = [], in_order()
    for _ in range(partition_gate.TOO_MANY + 1):
        person = uuid4()
        lone_toy.rejected.add(person)
        records.append(in_order(person)[1])
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        await writer.send(lone_toy.topic, 5, batch([*records, after[1]]))
        await until(lambda: stands(lone_toy, 1), 60)
        assert await resume(lone_toy, {"topic": lone_toy.topic, "partition": 5}) == 1
        await until(lambda: applied(lone_toy, [after[0]]))
        await asyncio.to_thread(lone_toy.rejected.clear)
