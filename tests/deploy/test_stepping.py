"""Drained means drained, and stepped time goes from one due instant to the next."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from baton import backlog, kafka, stepping
from baton.backlog import BacklogObserver, ObservedStack
from baton.data_dir import DataDir, StackSecrets, StackState
from baton.database import connect
from baton.exit_codes import FoundWrongError, WrongUsageError
from baton.services import SERVICES
from baton.stack import Stack
from events.runtime.schema import DDL
from events.topics import (
    CONTACTS_ERASED,
    CONTACTS_RECEIPTS,
    GAPS_FOUND,
    LEADS_LIFECYCLE,
    PLAYBOOKS_ACTIVATED,
    TOPICS,
)
from tests.containers import Server

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOPIC = "contacts.captured.v1"


@pytest.fixture
def stack(server: Server, tmp_path: Path) -> Iterator[Stack]:
    """Five databases with the runtime's tables, one Kafka, no services."""
    names = {service.module: f"step_{service.module}" for service in SERVICES}
    passwords = dict.fromkeys(names, "p")
    for name in names.values():
        server.create_database(name, "p")
    with kafka.start_kafka(tmp_path / "kafka", environ={"BATON_KAFKA": "memory"}) as broker:
        state = StackState(postgres_port=server.port, bootstrap=broker.bootstrap, clock="stepped")
        yield Renamed(DataDir.of_folder(tmp_path), state, StackSecrets("", passwords, "", "", ""))
    for name in names.values():
        server.drop_database(name)


class Renamed(Stack):
    """The stack of these tests, whose databases stand beside those of other tests."""

    @property
    def databases(self) -> dict[str, str]:
        return {
            service.name: f"postgresql://step_{service.module}:p@127.0.0.1:"
            f"{self.state.postgres_port}/step_{service.module}"
            for service in SERVICES
        }


@pytest.fixture
async def observer(stack: Stack) -> AsyncIterator[BacklogObserver]:
    for url in stack.databases.values():
        connection = await connect(url)
        for statement in DDL:
            await connection.execute(statement)
        await connection.execute("update clock set stepped = true, instant = $1, released = $1", START)
        await connection.close()
    async with BacklogObserver(stack) as observer:
        yield observer


async def _timer(observer: BacklogObserver, service: str, due_at: datetime) -> None:
    await observer.connections[service].execute("insert into timers values ('test', $1, $1, $2)", uuid.uuid4(), due_at)


@asynccontextmanager
async def _firing(stack: ObservedStack, service: str) -> AsyncIterator[list[datetime]]:
    """Be a service's timer loop: take what is due and note when business time says it was."""
    fired: list[datetime] = []
    connection = await connect(stack.databases[service])

    async def fire() -> None:
        while True:
            rows = await connection.fetch(
                "delete from timers where due_at <= timer_horizon() returning business_now() as now"
            )
            fired.extend(row["now"] for row in rows)

    loop = asyncio.create_task(fire())
    yield fired
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop
    await connection.close()


async def test_nothing_to_do_is_drained(observer: BacklogObserver) -> None:
    assert await observer.look_quickly()


async def test_a_row_to_send_is_not_drained(observer: BacklogObserver) -> None:
    await observer.connections["routing"].execute("insert into outbox values (1, current_date)")
    found = await observer.look_quickly()
    assert not found
    assert str(found) == "routing: 1 to send"


async def test_a_timer_is_due_only_when_its_instant_is_released(observer: BacklogObserver) -> None:
    await _timer(observer, "sla-monitor", START + HOUR)
    found = await observer.look_quickly()
    assert found
    assert found.next_due == START + HOUR
    await _timer(observer, "sla-monitor", START)
    assert str(await observer.look_quickly()) == "sla-monitor: 1 timers due"


async def test_a_record_nobody_has_read_is_not_drained(observer: BacklogObserver) -> None:
    """Also before the consumer was ever assigned the partition and wrote a position."""
    bootstrap = observer.stack.bootstrap
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 6, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    at = await producer.send_and_wait(TOPIC, b"{}", key=b"k")
    await producer.stop()
    assert str(await observer.look_quickly()) == "scoring: 1 records behind; feedback: 1 records behind"
    for service in ("scoring", "feedback"):
        await observer.connections[service].execute("insert into positions values ($1, $2, 1)", TOPIC, at.partition)
    assert await observer.look_quickly()


async def test_what_is_read_only_to_be_shown_may_be_left_for_later_but_an_erasure_may_not(
    observer: BacklogObserver,
) -> None:
    asked = observer.connections["desk"]
    bootstrap = observer.stack.bootstrap
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for topic, behind in ((LEADS_LIFECYCLE.name, False), (CONTACTS_ERASED.name, True)):
            at = await producer.send_and_wait(topic, b"{}", key=b"k")
            for name, connection in observer.connections.items():
                await connection.execute(
                    "insert into positions values ($1, $2, $3)", topic, at.partition, int(name != "desk")
                )
            for _ in range(2):  # everybody is asked first, then whoever was behind
                found = await observer.look_quickly(shown=False)
                assert str(found) == ("desk: 1 records behind" if behind else "")
                assert str(await observer.look_quickly()).startswith("desk: ")
    await asked.execute("update positions set next_offset = 1 where topic = $1", CONTACTS_ERASED.name)
    assert await observer.look_quickly(shown=False)
    assert not await observer.look_quickly()
    with pytest.raises(FoundWrongError):
        await observer.wait_until_drained(0, passes=1)
    assert await observer.wait_until_drained(0, passes=1, shown=False)


def test_what_is_only_shown_makes_nothing_fall_due_and_nothing_published() -> None:
    for name, left in backlog.SHOWN.items():
        assert not import_module(f"{name}.app").service.due
        published = {topic.name for topic in TOPICS if name in topic.producers}
        assert published == {CONTACTS_RECEIPTS.name, GAPS_FOUND.name, PLAYBOOKS_ACTIVATED.name}
        assert CONTACTS_ERASED.name not in left


async def test_positions_belong_together_whatever_scan_the_planner_picks(observer: BacklogObserver) -> None:
    """Topics and partitions may be read from the index, in its order, where offsets need the table, in another one."""
    connection = observer.connections["scoring"]
    places = [(topic, partition) for topic in ("a", "b", "c") for partition in range(6)]
    for at, (topic, partition) in reversed(list(enumerate(places))):
        await connection.execute("insert into positions values ($1, $2, $3)", topic, partition, at)
    await connection.execute("vacuum analyze positions")
    await connection.execute("set enable_seqscan = off")
    row = await connection.fetchrow(backlog.ASK)
    read = zip(row["topics"], row["partitions"], row["offsets"], strict=True)
    assert {(topic, partition): at for topic, partition, at in read} == {place: at for at, place in enumerate(places)}


async def test_waiting_names_who_is_behind(observer: BacklogObserver) -> None:
    await observer.connections["capture"].execute("insert into outbox values (1, current_date)")
    with pytest.raises(FoundWrongError, match="capture: 1 to send"):
        await observer.wait_until_drained(0.05)


async def test_time_goes_from_one_due_instant_to_the_next(observer: BacklogObserver) -> None:
    due = [START + HOUR, START + 30 * HOUR, START + 300 * HOUR]
    for instant in due:
        await _timer(observer, "sla-monitor", instant)
    async with _firing(observer.stack, "sla-monitor") as fired:
        now = await stepping.step_stack_forward(observer, timedelta(days=2))
    assert fired == due[:2]
    assert now == START + timedelta(days=2)


async def test_a_tick_rounds_up(observer: BacklogObserver) -> None:
    await _timer(observer, "feedback", START + HOUR)
    async with _firing(observer.stack, "feedback") as fired:
        await stepping.step_stack_forward(observer, timedelta(days=1), tick=6 * HOUR)
    assert fired == [START + 6 * HOUR]


class Touch:
    """Somebody calls a lead, and the deadline that stood against it is dropped."""

    def __init__(self, observer: BacklogObserver, at: datetime) -> None:
        self.observer = observer
        self.at: datetime | None = at

    def next_at(self) -> datetime | None:
        return self.at

    async def post(self, until: datetime) -> None:
        assert self.at is not None
        assert self.at <= until
        self.at = None
        await self.observer.connections["sla-monitor"].execute("delete from timers")


async def test_what_happens_inside_a_step_is_heard_before_its_timers(observer: BacklogObserver) -> None:
    """With a tick of six hours a touch and the deadline after it fall into one step."""
    await _timer(observer, "sla-monitor", START + 2 * HOUR)
    touch = Touch(observer, START + HOUR)
    async with _firing(observer.stack, "sla-monitor") as fired:
        await stepping.step_stack_forward(observer, timedelta(days=1), tick=6 * HOUR, world=touch)
    assert fired == []


async def test_a_clock_that_a_crash_left_behind_catches_up(observer: BacklogObserver) -> None:
    await observer.connections["routing"].execute("update clock set instant = $1", START + HOUR)
    assert await stepping.ClockDriver(observer).align_clocks() == START + HOUR
    for connection in observer.connections.values():
        assert await connection.fetchval("select released from clock") == START + HOUR


async def test_no_timer_fires_before_every_clock_has_moved(observer: BacklogObserver) -> None:
    """Scoring's timer qualified a lead at 08:00, and routing, whose clock still stood at 21:10, assigned it then."""
    slow = await connect(observer.stack.databases["routing"])
    await slow.execute("begin")
    await slow.execute("select from clock for update")
    await _timer(observer, "scoring", START + HOUR)
    async with _firing(observer.stack, "scoring") as fired:
        advancing = asyncio.create_task(stepping.step_stack_forward(observer, HOUR))
        watching = await connect(observer.stack.databases["scoring"])
        async with asyncio.timeout(10):
            while await watching.fetchval("select instant from clock") == START:
                pass
        assert await watching.fetchval("select released from clock") == START
        assert fired == []
        await slow.execute("rollback")
        await advancing
    assert fired == [START + HOUR]
    for connection in (slow, watching):
        await connection.close()


async def test_the_system_clock_cannot_be_advanced(observer: BacklogObserver) -> None:
    await observer.connections["capture"].execute("update clock set stepped = false")
    with pytest.raises(WrongUsageError, match="system clock"):
        await stepping.step_stack_forward(observer, HOUR)


@pytest.mark.parametrize(("text", "hours"), [("48h", 48), ("30m", 0.5), ("7d", 168), ("1d12h", 36), ("2w", 336)])
def test_durations_are_read(text: str, hours: float) -> None:
    assert stepping.parse_time_span(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "48", "h", "1y", "-3h", "1h30"])
def test_what_is_no_duration_is_wrong_usage(text: str) -> None:
    with pytest.raises(WrongUsageError, match="no duration"):
        stepping.parse_time_span(text)
