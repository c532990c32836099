"""A copy without partitions and a copy that is slow: members of the group like any other."""

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from baton import kafka, kafka_apache
from events.runtime import fetching, metrics, topic_setup
from events.topics import CONTACTS_CAPTURED

from .conftest import Outsider, Toy, captured, until

pytestmark = pytest.mark.skipif(
    not kafka_apache.can_run_apache_kafka(), reason="needs Java 17+ and Maven: the broker in memory has no groups"
)

IDLE_MILLISECONDS = 3 * fetching.REST_MS
"""Well above what the longest fetch waits: with less, a broker closes connections on which an answer is due."""
PARTITION = TopicPartition(CONTACTS_CAPTURED.name, 0)
COPIES = ("toy-0", "toy-1", "toy-2")


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[kafka.Kafka]:
    """A broker that closes connections after few idle seconds, as others do after ten minutes; one partition."""
    with pytest.MonkeyPatch.context() as patch:
        more = f"connections.max.idle.ms={IDLE_MILLISECONDS}\n"
        patch.setattr(kafka_apache, "PROPERTIES", kafka_apache.PROPERTIES + more)
        folder = tmp_path_factory.mktemp("idle") / "kafka"
        started = await asyncio.to_thread(kafka.start_kafka, folder, None, {"BATON_KAFKA": "apache"})
    admin = AIOKafkaAdminClient(bootstrap_servers=started.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(CONTACTS_CAPTURED.name, 1, 1, topic_configs=CONTACTS_CAPTURED.settings())])
    await admin.close()
    yield started
    await asyncio.to_thread(started.stop)


async def start(toy: Toy, outsider: Outsider, folder: Path, instance: str, copies: dict[str, Process]) -> None:
    path = folder / f"{instance}.log"
    with path.open("wb") as log:
        copies[instance] = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.events.runtime.crashing",
            "never", toy.url, outsider.servers, str(folder), toy.service.name, instance,
            stdout=log, stderr=log,
        )  # fmt: skip

    async def says_so() -> bool:
        return b"started\n" in path.read_bytes()

    await until(says_so, 90)


async def owner(toy: Toy, outsider: Outsider) -> str:
    """Return the copy that has the partition, once there is one and no rebalance is on its way."""
    found: list[str] = []

    async def settled() -> bool:
        admin = AIOKafkaAdminClient(bootstrap_servers=outsider.servers)
        await admin.start()
        try:
            [answer] = await admin.describe_consumer_groups([toy.service.name])
        finally:
            await admin.close()
        [(_, _, state, _, _, members, *_)] = answer.groups
        found[:] = [
            next(name for name in COPIES if member.startswith(name))
            for member, _, _, _, assignment, *_ in (_without_instance(each) for each in members)
            if state == "Stable" and assignment and PARTITION in _partitions(assignment)
        ]
        return bool(found)

    await until(settled, 90)
    [name] = found
    return name


def _partitions(assignment: bytes) -> list[TopicPartition]:
    found: list[TopicPartition] = ConsumerProtocolMemberAssignment.decode(assignment).partitions()
    return found


def _without_instance(member: tuple[object, ...]) -> tuple[str, object, object, object, bytes]:
    """Return id, client, host, metadata and assignment; later versions of the answer name the instance after the id."""
    return (member[0], *member[-4:])  # type: ignore[return-value]


async def idle(outsider: Outsider) -> None:
    """Return when the broker has closed a connection on which nothing was said, and all that were idle as long."""
    host, port = outsider.servers.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    async with asyncio.timeout(60):
        assert await reader.read() == b""
    writer.close()


async def test_copies_without_a_partition_take_over_after_a_long_idle_time(
    toy: Toy, outsider: Outsider, tmp_path: Path
) -> None:
    """X30: three copies, one partition; its owner dies after all were idle, and then the one that took over."""
    await toy.service.prepare()
    await toy.service.stop()
    copies: dict[str, Process] = {}
    events = []
    try:
        for name in COPIES:
            await start(toy, outsider, tmp_path, name, copies)
        while True:
            events.append(captured())
            await outsider.send(events[-1])
            await until(lambda: _heard(toy, len(events)), 90)
            await idle(outsider)
            if len(copies) == 1:
                break
            child = copies.pop(await owner(toy, outsider))
            child.kill()
            await child.wait()
    finally:
        for child in copies.values():
            child.kill()
            await child.wait()
    assert len(events) == len(COPIES)
    assert await toy.rows("select from heard where times <> 1") == []


async def _heard(toy: Toy, number: int) -> bool:
    return len(await toy.rows("select from heard")) == number


async def _some_heard(toy: Toy) -> bool:
    return bool(await toy.rows("select from heard limit 1"))


async def test_a_handler_that_takes_longer_than_a_session_keeps_its_partition_and_holds_up_no_other_copy(
    lone_toy: Toy, outsider: Outsider, tmp_path: Path
) -> None:
    """X40."""
    topic = replace(CONTACTS_CAPTURED, name=lone_toy.topic)
    slow, quick = lone_toy, Toy(lone_toy.url, outsider.servers, tmp_path, topic)
    quick.service.name = slow.service.name
    quick.service.settings = slow.service.settings.model_copy(update={"instance": "toy-1"})
    entered, let_go = asyncio.Event(), asyncio.Event()

    async def take_long() -> None:
        entered.set()
        await let_go.wait()

    async with slow.running(), quick.running():
        await until(lambda: _shared(slow, quick), 90)
        own = slow.service.consumer.active_partitions  # type: ignore[union-attr]
        slow.before_commit = take_long
        events = [captured() for _ in range(60)]
        rebalances = metrics.REBALANCES._value.get()
        [begun] = await slow.rows("select clock_timestamp() as at")
        await Outsider(outsider.servers, slow.topic).send(*events)
        await entered.wait()
        await until(lambda: _some_heard(slow), 60)
        long = 1.5 * topic_setup.MEMBER["session_timeout_ms"] / 1_000
        await until(lambda: _later(slow, begun["at"], long), 60)
        assert slow.service.consumer.active_partitions == own  # type: ignore[union-attr]
        assert metrics.REBALANCES._value.get() == rebalances
        assert not await _heard(slow, len(events))
        let_go.set()
        await until(lambda: _heard(slow, len(events)), 60)
    assert await slow.rows("select from heard where times <> 1") == []


async def _shared(*toys: Toy) -> bool:
    """Return whether each copy has partitions of the topic, and all of them together."""
    own_topics = [
        [place for place in toy.service.consumer.active_partitions if place.topic == toy.topic]
        if toy.service.consumer
        else []
        for toy in toys
    ]
    return all(own_topics) and sum(map(len, own_topics)) == CONTACTS_CAPTURED.partitions


async def _later(toy: Toy, begun: object, seconds: float) -> bool:
    is_later = "select clock_timestamp() > $1::timestamptz + make_interval(secs => $2) as is_later"
    [row] = await toy.rows(is_later, begun, seconds)
    return bool(row["is_later"])
