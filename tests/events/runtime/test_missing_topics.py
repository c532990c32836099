"""A Kafka that loses topics or goes away under a running service: it is told, mended, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from baton import kafka, kafka_apache
from events.contacts import ContactProfile
from events.runtime import topic_setup
from events.topics import (
    CONTACTS_CAPTURED,
    CONTACTS_PROFILES,
    GAPS_FOUND,
    LEADS_RECYCLED,
    Topic,
    dead_letter_topic_name,
)

from .conftest import Outsider, Toy, captured, until, woken

pytestmark = pytest.mark.skipif(
    not kafka_apache.can_run_apache_kafka(),
    reason="needs Java 17+ and Maven: the broker in memory neither deletes nor keeps",
)


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[kafka.Kafka]:
    """A broker for these tests alone, since others want their topics to stay."""
    started = await asyncio.to_thread(_start, tmp_path_factory.mktemp("lost") / "kafka")
    yield started
    await asyncio.to_thread(started.stop)


def _start(folder: Path, port: int | None = None) -> kafka.Kafka:
    return kafka.start_kafka(folder, port, {"BATON_KAFKA": "apache"})


async def test_topics_deleted_under_a_running_service_are_made_again_and_what_waited_is_sent_and_heard(
    toy: Toy, outsider: Outsider
) -> None:
    """X13, X14."""
    before, waiting, after = captured(), captured(), captured()
    async with toy.running():
        await until(lambda: _there(outsider, CONTACTS_CAPTURED))
        await outsider.send(before)
        await until(lambda: _is_published(outsider, before.contact_id))
        await outsider.delete(CONTACTS_CAPTURED.name, LEADS_RECYCLED.name, CONTACTS_PROFILES.name)
        async with toy.service.transaction() as tx:
            tx.emit(woken(waiting))
        for topic in (CONTACTS_CAPTURED, LEADS_RECYCLED, CONTACTS_PROFILES):
            await until(lambda topic=topic: _is_as_the_catalogue_says(outsider, topic), 60)  # type: ignore[misc]
        await until(lambda: _is_published(outsider, waiting.contact_id), 60)
        await outsider.send(after)
        await until(lambda: _is_published(outsider, after.contact_id), 90)
        assert await toy.service.list_obstacles() == []


async def _there(outsider: Outsider, topic: Topic) -> bool:
    partitions, _ = await outsider.settings(topic.name)
    return partitions > 0


async def _is_as_the_catalogue_says(outsider: Outsider, topic: Topic) -> bool:
    partitions, settings = await outsider.settings(topic.name)
    return partitions == topic.partitions and topic.settings().items() <= settings.items()


async def _is_published(outsider: Outsider, contact_id: UUID) -> bool:
    return any(record.key == str(contact_id).encode() for record in await outsider.read(LEADS_RECYCLED.name))


async def test_what_goes_to_other_topics_does_not_wait_for_one_that_cannot_be_made(
    toy: Toy, outsider: Outsider
) -> None:
    """X13."""
    toy.service.settings = toy.service.settings.model_copy(update={"replication_factor": 3})
    parked_id, event = uuid4(), captured()
    async with toy.running():
        async with toy.service.transaction() as tx:
            tx.emit_dead_letter(parked_id, CONTACTS_CAPTURED.name, str(parked_id), "undecodable")
        async with toy.service.transaction() as tx:
            tx.emit(woken(event))
        await until(lambda: _is_published(outsider, event.contact_id))
        toy.service.settings = toy.service.settings.model_copy(update={"replication_factor": 1})
    async with toy.running():
        await until(lambda: _is_a_dead_letter(toy, outsider, parked_id))


async def _is_a_dead_letter(toy: Toy, outsider: Outsider, parked_id: UUID) -> bool:
    return any(
        record.key == str(parked_id).encode()
        for record in await outsider.read(dead_letter_topic_name(toy.service.name))
    )


async def test_a_topic_that_cannot_be_made_is_named_by_the_readiness(toy: Toy, outsider: Outsider) -> None:
    """X13: here because one broker cannot hold three replicas."""
    toy.service.settings = toy.service.settings.model_copy(update={"replication_factor": 3})
    name = dead_letter_topic_name(toy.service.name)
    async with toy.running():
        await until(lambda: _names(toy, name))
        toy.service.settings = toy.service.settings.model_copy(update={"replication_factor": 1})
    async with toy.running():
        await until(lambda: _ready(toy))
        assert (await outsider.settings(name))[0] == 1


async def _names(toy: Toy, topic: str) -> bool:
    found = await toy.service.list_obstacles()
    return any(topic in each and "fewer brokers than BATON_REPLICATION_FACTOR" in each for each in found)


async def _ready(toy: Toy) -> bool:
    return await toy.service.list_obstacles() == []


async def test_reading_back_goes_on_after_kafka_was_away(toy: Toy, outsider: Outsider, broker: kafka.Kafka) -> None:
    toy.service.owns = (CONTACTS_PROFILES,)
    contact = uuid4()
    async with toy.running():
        await until(lambda: _there(outsider, CONTACTS_PROFILES))
        async with toy.service.transaction() as tx:
            for revision in (1, 2):
                tx.emit(ContactProfile(occurred_at=datetime.now(UTC), contact_id=contact, revision=revision))
        await until(lambda: _revisions(outsider, contact, 2))
        [first, _] = await outsider.read(CONTACTS_PROFILES.name)
        await _restart(broker)
        await outsider.send_again(first)
        await until(lambda: _revisions(outsider, contact, 4), 60)
        assert (await outsider.read(CONTACTS_PROFILES.name))[-1].headers[5] == ("ce_sequence", b"2")


async def _revisions(outsider: Outsider, contact: UUID, count: int) -> bool:
    records = await outsider.read(CONTACTS_PROFILES.name)
    return len([record for record in records if record.key == str(contact).encode()]) == count


async def _restart(broker: kafka.Kafka) -> None:
    assert broker.running is not None
    folder = broker.running.program.directory
    assert folder is not None
    port = int(broker.bootstrap.rpartition(":")[2])
    await asyncio.to_thread(broker.stop)
    broker.running = (await asyncio.to_thread(_start, folder, port)).running


async def test_an_installation_may_have_fewer_partitions_and_its_topics_stay_as_they_are(outsider: Outsider) -> None:
    made = topic_setup.TopicSetup(servers=outsider.servers, service="toy", replication_factor=1)
    small = topic_setup.TopicSetup(servers=outsider.servers, service="toy", replication_factor=1, partitions=2)
    await made.create_missing()
    await outsider.delete(CONTACTS_PROFILES.name)
    await until(lambda: _gone(outsider, CONTACTS_PROFILES))
    await small.create_missing()
    await made.create_missing()
    for topic, partitions in (
        (CONTACTS_PROFILES, 2),
        (CONTACTS_CAPTURED, CONTACTS_CAPTURED.partitions),
        (GAPS_FOUND, 1),
    ):
        await until(lambda topic=topic: _there(outsider, topic), 60)  # type: ignore[misc]
        assert (await outsider.settings(topic.name))[0] == partitions
    other = topic_setup.TopicSetup(servers=outsider.servers, service="toy", replication_factor=2)
    with capture_logs() as lines:
        await other.create_missing()
        await other.create_missing()
    reasons = {line["topic"]: line["reason"] for line in lines if line["event"] == "topic_has_less"}
    assert len(reasons) == len([line for line in lines if line["event"] == "topic_has_less"]), "once each"
    assert reasons[CONTACTS_PROFILES.name].startswith("2 partitions and not 6")
    assert reasons[GAPS_FOUND.name] == "on 1 brokers and not 2 (BATON_REPLICATION_FACTOR)"


async def test_all_looks_for_missing_topics_share_one_connection(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection of its own for each look cost both sides more than the look."""
    monkeypatch.setattr(topic_setup, "LOOK_SECONDS", 0.0)
    setup = topic_setup.TopicSetup(servers=outsider.servers, service="toy", replication_factor=1)
    await setup.create_missing()
    assert setup._admin is None
    looking = asyncio.get_running_loop().create_task(setup.keep_creating_missing())

    async def connected() -> bool:
        return setup._admin is not None

    async def made_again() -> bool:
        return await _there(outsider, CONTACTS_PROFILES)

    try:
        await until(connected)
        first = setup._admin
        await outsider.delete(CONTACTS_PROFILES.name)
        await until(made_again, 60)
        assert setup._admin is first
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    assert setup._admin is None


async def _gone(outsider: Outsider, topic: Topic) -> bool:
    return not await _there(outsider, topic)
