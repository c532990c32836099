"""The owner of a compacted topic has the last word on it, however late somebody else speaks (X7)."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from prometheus_client import REGISTRY

from baton import kafka
from events.contacts import ContactProfile
from events.runtime import outbox
from events.runtime.readback import list_own_compacted_topics
from events.topics import ACCOUNTS_CHANGED, CAMPAIGNS_ANNOUNCED, CONTACTS_PROFILES, LEADS_LIFECYCLE, PLAYBOOKS_ACTIVATED

from .conftest import Outsider, Toy, until

TOPIC = CONTACTS_PROFILES.name
REJOINED = 90.0
"""The broker in memory lets a process in again only when its former session has timed out."""


@pytest.fixture
def owner(toy: Toy) -> Toy:
    """A service that owns the profiles."""
    toy.service.owns = (CONTACTS_PROFILES,)
    if kafka.choose_kafka() == "memory":  # asked for a topic's end, it counts the last batch as one record
        toy.service.settings = toy.service.settings.model_copy(update={"relay_batch_records": 1})
    return toy


def profile(contact_id: UUID, revision: int) -> ContactProfile:
    return ContactProfile(occurred_at=datetime.now(UTC), contact_id=contact_id, revision=revision)


async def say(owner: Toy, *profiles: ContactProfile) -> None:
    async with owner.service.transaction() as tx:
        for each in profiles:
            tx.emit(each)


async def published(outsider: Outsider, *contacts: UUID) -> list[Any]:
    keys = {str(contact).encode() for contact in contacts}
    return [record for record in await outsider.read(TOPIC) if record.key in keys]


async def numbers(outsider: Outsider, contact: UUID) -> list[int]:
    return [_number(record) for record in await published(outsider, contact)]


def _number(record: Any) -> int:
    return int(dict(record.headers)["ce_sequence"])


async def _ends_with(outsider: Outsider, contact: UUID, tail: Sequence[int]) -> bool:
    return (await numbers(outsider, contact))[-len(tail) :] == list(tail)


async def _is(outsider: Outsider, contact: UUID, expected: Sequence[int]) -> bool:
    return await numbers(outsider, contact) == list(expected)


async def _caught_up(owner: Toy, outsider: Outsider) -> bool:
    """Whether nothing is to be sent and the owner has settled all that is on its topic."""
    if await owner.rows("select from outbox"):
        return False
    return await outsider.unsettled(f"{owner.service.name}-readback", TOPIC) == 0


def counted(outcome: str) -> float:
    found = REGISTRY.get_sample_value("baton_readback_total", {"topic": TOPIC, "outcome": outcome})
    return found or 0.0


def test_each_service_reads_back_the_compacted_topics_that_it_speaks_on() -> None:
    assert list_own_compacted_topics("capture") == (
        CONTACTS_PROFILES,
        CAMPAIGNS_ANNOUNCED,
        ACCOUNTS_CHANGED,
        PLAYBOOKS_ACTIVATED,
    )
    assert list_own_compacted_topics("feedback") == (LEADS_LIFECYCLE, PLAYBOOKS_ACTIVATED)
    assert list_own_compacted_topics("scoring") == (PLAYBOOKS_ACTIVATED,)


async def test_a_record_older_than_the_state_is_followed_by_the_current_one_once(
    owner: Toy, outsider: Outsider
) -> None:
    contact, fence = uuid4(), uuid4()
    async with owner.running():
        await say(owner, profile(contact, 1), profile(contact, 2))
        await until(lambda: _is(outsider, contact, [1, 2]))
        first, second = await published(outsider, contact)
        await outsider.send_again(first, first)
        await until(lambda: _ends_with(outsider, contact, [1, 2]))
        await say(owner, profile(fence, 1))
        await until(lambda: _is(outsider, fence, [1]))
        await until(lambda: _caught_up(owner, outsider))
        records = await published(outsider, contact)
        assert [_number(record) for record in records] in ([1, 2, 1, 1, 2], [1, 2, 1, 2, 1, 2])
        assert (records[-1].value, records[-1].headers) == (second.value, second.headers)


async def test_the_current_record_sent_twice_is_left_alone(owner: Toy, outsider: Outsider) -> None:
    contact = uuid4()
    async with owner.running():
        await say(owner, profile(contact, 1), profile(contact, 2))
        await until(lambda: _is(outsider, contact, [1, 2]))
        both = await published(outsider, contact)
        await outsider.send_again(*both)
        await until(lambda: _caught_up(owner, outsider))
        assert await numbers(outsider, contact) == [1, 2, 1, 2]


async def test_a_profile_that_comes_after_its_erasure_is_erased_again(owner: Toy, outsider: Outsider) -> None:
    contact = uuid4()
    async with owner.running():
        await say(owner, profile(contact, 1))
        await until(lambda: _is(outsider, contact, [1]))
        async with owner.service.transaction() as tx:
            await tx.erase([contact])
            tx.emit_tombstone(CONTACTS_PROFILES, contact)
        await until(lambda: _is(outsider, contact, [1, 2]))
        await outsider.send_again((await published(outsider, contact))[0])
        await until(lambda: _is(outsider, contact, [1, 2, 1, 2]))
        assert (await published(outsider, contact))[-1].value is None


async def test_what_came_late_while_the_owner_was_away_is_set_right_at_its_start(
    owner: Toy, outsider: Outsider
) -> None:
    contact = uuid4()
    async with owner.running():
        await say(owner, profile(contact, 1), profile(contact, 2))
        await until(lambda: _is(outsider, contact, [1, 2]))
        await until(lambda: _caught_up(owner, outsider))
    await outsider.send_again((await published(outsider, contact))[0])
    async with owner.running():
        await until(lambda: _is(outsider, contact, [1, 2, 1, 2]), REJOINED)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_comes_late_and_however_often_each_key_ends_as_the_state_has_it(
    seed: int, owner: Toy, outsider: Outsider
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a shuffle that can be repeated
    contacts = [uuid4() for _ in range(20)]
    latest = {contact: chance.randint(1, 4) for contact in contacts}
    async with owner.running():
        for revision in range(1, 5):
            await say(owner, *(profile(contact, revision) for contact in contacts if revision <= latest[contact]))
        await until(lambda: _all_end(outsider, latest))
        first = await published(outsider, *contacts)
        late = chance.choices(first, k=40)
        await outsider.send_again(*late)
        await until(lambda: _all_end(outsider, latest))
        await until(lambda: _caught_up(owner, outsider))
        assert await _all_end(outsider, latest)
        assert len(await published(outsider, *contacts)) <= len(first) + 2 * len(late)


async def _all_end(outsider: Outsider, latest: dict[UUID, int]) -> bool:
    ends = {UUID(record.key.decode()): _number(record) for record in await published(outsider, *latest)}
    return ends == latest


async def test_what_is_still_on_its_way_is_not_sent_twice(owner: Toy, outsider: Outsider) -> None:
    """Commits run ahead of the relay and the relay ahead of the owner's reading: none of that is a late record."""
    contact = uuid4()
    before = counted("republished")
    async with owner.running():
        for revision in range(1, 301):
            await say(owner, profile(contact, revision))
        await until(lambda: _ends_with(outsider, contact, [300]))
        await until(lambda: _caught_up(owner, outsider))
        assert await numbers(outsider, contact) == list(range(1, 301))
        assert counted("republished") == before


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_newest_record_that_was_sent_before_but_struck_off_the_outbox_after_is_sent_again(
    restarted: bool, owner: Toy, outsider: Outsider
) -> None:
    """Seen in the outbox it looks as if it were to come; whether the owner waits or dies meanwhile, it looks again."""
    async with AsyncExitStack() as stack:
        async with owner.running():
            contact, another = await _two_contacts_of_a_partition(owner, outsider)
            await until(lambda: _caught_up(owner, outsider))
            await stack.enter_async_context(_no_relay(owner))
            await owner.rows(
                "insert into outbox select id, day from journal where contact_id = $1 and sequence = 2", contact
            )
            await outsider.send_again((await published(outsider, contact))[0], (await published(outsider, another))[0])
            await until(lambda: _in_outbox(owner, another))
            if not restarted:
                await _strike_off(owner, contact)
                await stack.aclose()
                await until(lambda: _is(outsider, contact, [1, 2, 1, 2]))
        if restarted:
            await _strike_off(owner, contact)
            await stack.aclose()
            async with owner.running():
                await until(lambda: _is(outsider, contact, [1, 2, 1, 2]), REJOINED)


async def _two_contacts_of_a_partition(owner: Toy, outsider: Outsider) -> tuple[UUID, UUID]:
    """Two contacts, so that what is read of the second tells that the first was read before."""
    contacts = [uuid4() for _ in range(CONTACTS_PROFILES.partitions + 1)]
    await say(owner, *(profile(contact, revision) for contact in contacts for revision in (1, 2)))
    await until(lambda: _all_end(outsider, dict.fromkeys(contacts, 2)))
    places: dict[int, UUID] = {}
    for record in await published(outsider, *contacts):
        found = places.setdefault(record.partition, UUID(record.key.decode()))
        if found != UUID(record.key.decode()):
            return found, UUID(record.key.decode())
    raise AssertionError


@asynccontextmanager
async def _no_relay(owner: Toy) -> AsyncIterator[None]:
    """Let no relay send, as if another one were at it: the one that sends loses its session to who waits for it."""
    raw = await asyncpg.connect(owner.url)
    try:
        waiting = asyncio.create_task(raw.execute("select pg_advisory_lock($1)", outbox._LOCK))
        await until(lambda: _taken_over(owner, waiting))
        yield
    finally:
        await raw.close()


async def _taken_over(owner: Toy, waiting: asyncio.Task[str]) -> bool:
    if not waiting.done() and await owner.rows("select from pg_locks where locktype = 'advisory' and not granted"):
        await owner.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and application_name = 'baton-relay' and pid in (select pid from pg_locks where locktype = 'advisory')"
        )
    return waiting.done()


async def _in_outbox(owner: Toy, contact: UUID) -> bool:
    return bool(await owner.rows("select from outbox join journal using (id, day) where contact_id = $1", contact))


async def _strike_off(owner: Toy, contact: UUID) -> None:
    await owner.rows("delete from outbox where id in (select id from journal where contact_id = $1)", contact)


async def test_records_of_others_and_records_that_cannot_be_read_are_left_alone(owner: Toy, outsider: Outsider) -> None:
    contact = uuid4()
    async with owner.running():
        await say(owner, profile(contact, 1), profile(contact, 2))
        await until(lambda: _is(outsider, contact, [1, 2]))
        first, _ = await published(outsider, contact)
        foreign = [(name, b"outsider" if name == "ce_source" else value) for name, value in first.headers]
        crooked = [(name, b"first" if name == "ce_sequence" else value) for name, value in first.headers]
        for headers in (foreign, crooked, []):
            first.headers = headers
            await outsider.send_again(first)
        await until(lambda: _caught_up(owner, outsider))
        assert len(await published(outsider, contact)) == 5


async def test_what_the_journal_no_longer_has_is_counted_and_holds_up_nothing(owner: Toy, outsider: Outsider) -> None:
    lost, kept = uuid4(), uuid4()
    before = counted("gone")
    async with owner.running():
        await say(owner, *(profile(contact, revision) for contact in (lost, kept) for revision in (1, 2)))
        await until(lambda: _is(outsider, lost, [1, 2]))
        await until(lambda: _is(outsider, kept, [1, 2]))
        await until(lambda: _caught_up(owner, outsider))
        old = [record for record in await published(outsider, lost, kept) if _number(record) == 1]
        await owner.rows("delete from journal where contact_id = $1", lost)
        await outsider.send_again(*old)
        await until(lambda: _is(outsider, kept, [1, 2, 1, 2]))
        await until(lambda: _caught_up(owner, outsider))
        assert await numbers(outsider, lost) == [1, 2, 1]
        assert counted("gone") == before + 1


async def test_an_older_day_of_the_journal_is_searched_too(owner: Toy, outsider: Outsider) -> None:
    contact = uuid4()
    async with owner.running():
        await say(owner, profile(contact, 1), profile(contact, 2))
        await until(lambda: _is(outsider, contact, [1, 2]))
        await until(lambda: _caught_up(owner, outsider))
        await owner.rows("update journal set day = $1", date.today() - timedelta(days=20))  # noqa: DTZ011
        await outsider.send_again((await published(outsider, contact))[0])
        await until(lambda: _is(outsider, contact, [1, 2, 1, 2]))


async def test_two_processes_of_one_service_set_it_right_once(owner: Toy, outsider: Outsider, tmp_path: Path) -> None:
    other = Toy(owner.url, outsider.servers, tmp_path)
    other.service.name, other.service.owns = owner.service.name, owner.service.owns
    other.service.settings = other.service.settings.model_copy(update={"instance": "toy-1"})
    contact = uuid4()
    async with owner.running(), other.running():
        await say(owner, profile(contact, 1), profile(contact, 2))
        await until(lambda: _is(outsider, contact, [1, 2]))
        await outsider.send_again((await published(outsider, contact))[0])
        await until(lambda: _is(outsider, contact, [1, 2, 1, 2]))
        await until(lambda: _caught_up(owner, outsider))
        await until(lambda: _caught_up(other, outsider))
        assert await numbers(outsider, contact) == [1, 2, 1, 2]


@pytest.mark.crash
async def test_a_relay_that_was_stopped_in_its_round_and_wakes_late_is_set_right(
    owner: Toy, outsider: Outsider
) -> None:
    """X7: the server ends its session, another relay takes over, and then it sends what it had in its hands."""
    contact = uuid4()
    await owner.service.prepare()
    await say(owner, profile(contact, 1))
    sleeper = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.events.runtime.stalling", owner.url, outsider.servers, owner.service.name
    )
    try:
        await until(lambda: _session_ended(owner), 90.0)  # a process has to start
        async with owner.running():
            await until(lambda: _is(outsider, contact, [1]))
            await say(owner, profile(contact, 2))
            await until(lambda: _is(outsider, contact, [1, 2]))
            sleeper.send_signal(signal.SIGCONT)
            await until(lambda: _is(outsider, contact, [1, 2, 1, 2]))
    finally:
        sleeper.kill()
        await sleeper.wait()


async def _session_ended(owner: Toy) -> bool:
    """End the session of the stopped relay as PostgreSQL does after `idle_session_timeout`."""
    rows = await owner.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        " and application_name = 'baton-relay' and state = 'idle'"
        " and pid in (select pid from pg_locks where locktype = 'advisory')"
        " and state_change < clock_timestamp() - interval '1 second'"
    )
    return bool(rows)
