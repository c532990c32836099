"""A service whose database is older than its own topics takes up what it had published, before it sends anything."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer

from events.envelope import Envelope
from events.leads import LeadWoken
from events.runtime import Transaction, topic_setup
from events.runtime.recovery import RecoveredRecord, Recovery
from events.topics import LEADS_RECYCLED
from tests.events.runtime.conftest import Outsider, Toy
from tests.fuzz.poison import named
from tests.fuzz.raw import Raw, Writer, batch


def woken(contact: UUID, reason: str) -> LeadWoken:
    now = datetime.now(UTC)
    return LeadWoken(
        occurred_at=now, contact_id=contact, lead_id=uuid4(), cycle=1, reason=reason, playbook_version="toy"
    )


async def publish(outsider: Outsider, source: str, events: Sequence[LeadWoken]) -> None:
    """Send events as a service of this name would in a later state of its database, numbered from 1."""
    producer = AIOKafkaProducer(bootstrap_servers=outsider.servers, acks="all")
    await producer.start()
    try:
        for number, event in enumerate(events, 1):
            envelope = Envelope(str(event.ce_id), event.ce_type, source, datetime.now(UTC), number)
            await producer.send_and_wait(
                LEADS_RECYCLED.name, event.encode(), event.key.encode(), headers=envelope.headers()
            )
    finally:
        await producer.stop()


@asynccontextmanager
async def opened(toy: Toy, outsider: Outsider, adopted: list[RecoveredRecord]) -> AsyncIterator[Recovery]:
    async def adopt(batch: Sequence[RecoveredRecord], _: Transaction) -> None:
        adopted.extend(batch)

    await toy.service.prepare()
    await topic_setup.TopicSetup(
        servers=outsider.servers, service=toy.service.name, replication_factor=1
    ).create_missing()
    found = Recovery(
        service=toy.service.name, servers=outsider.servers, transaction=toy.service.transaction, adopt=adopt
    )
    found.topics = [LEADS_RECYCLED]
    try:
        yield found
    finally:
        await toy.service.stop()


async def test_numbers_on_the_topic_are_never_drawn_again(toy: Toy, outsider: Outsider) -> None:
    """X47: what waits in the outbox is numbered after what was published in a later state of the database."""
    adopted: list[RecoveredRecord] = []
    async with opened(toy, outsider, adopted) as recovery:
        contact, other = uuid4(), uuid4()
        async with toy.service.transaction() as tx:
            for each in (contact, contact, other):
                tx.emit(woken(each, "drawn after the restore"))
        published = [woken(contact, f"published {n}") for n in range(3)]
        await publish(outsider, recovery.source, published)
        await publish(outsider, "baton/somebody-else", [woken(contact, "not ours")])

        assert await recovery.run() == 3
        rows = await toy.rows(
            "select sequence, ce_id, contact_id, day, id in (select id from outbox) as unsent"
            " from journal where key = $1 order by sequence",
            str(contact),
        )
        assert [(row["sequence"], row["unsent"]) for row in rows] == [
            (1, False),
            (2, False),
            (3, False),
            (4, True),
            (5, True),
        ]
        assert [row["ce_id"] for row in rows[:3]] == [event.ce_id for event in published]
        assert [each.event for each in adopted] == published
        streams = await toy.rows("select key, sequence from streams where key = any($1)", [str(contact), str(other)])
        assert {row["key"]: row["sequence"] for row in streams} == {str(contact): 5, str(other): 1}
        assert await recovery.run() == 0, "what was taken up is known"


async def test_what_was_sent_and_is_still_in_the_outbox_is_known(toy: Toy, outsider: Outsider) -> None:
    """A relay that died between the acknowledgement and its commit leaves rows that are on the topic already."""
    async with opened(toy, outsider, []) as recovery:
        event = woken(uuid4(), "sent, not deleted")
        async with toy.service.transaction() as tx:
            tx.emit(event)
        await publish(outsider, recovery.source, [event])
        assert await recovery.run() == 0
        rows = await toy.rows(
            "select sequence, id in (select id from outbox) as unsent from journal where key = $1", event.key
        )
        assert [(row["sequence"], row["unsent"]) for row in rows] == [(1, False)]


async def test_what_was_sent_after_the_backup_keeps_its_number(toy: Toy, outsider: Outsider) -> None:
    """The backup was taken between a commit and its sending: the number that the topic has would be missing here."""
    async with opened(toy, outsider, []) as recovery:
        contact = uuid4()
        sent, later, unsent = (woken(contact, what) for what in ("sent", "published later", "never sent"))
        async with toy.service.transaction() as tx:
            tx.emit(sent)
            tx.emit(unsent)
        await publish(outsider, recovery.source, [sent, later])
        assert await recovery.run() == 1
        rows = await toy.rows(
            "select sequence, ce_id, id in (select id from outbox) as unsent from journal where key = $1"
            " order by sequence",
            str(contact),
        )
        assert [(row["sequence"], row["ce_id"], row["unsent"]) for row in rows] == [
            (1, sent.ce_id, False),
            (2, later.ce_id, False),
            (3, unsent.ce_id, True),
        ]
        [stream] = await toy.rows("select sequence from streams where key = $1", str(contact))
        assert stream["sequence"] == 3
        assert await recovery.run() == 0


def record(event: LeadWoken, source: str, number: int) -> Raw:
    headers = Envelope(str(event.ce_id), event.ce_type, source, datetime.now(UTC), number).headers()
    return Raw(event.key.encode(), event.encode(), [(name.encode(), value) for name, value in headers])


async def test_poison_on_its_own_topics_stops_no_start(toy: Toy, outsider: Outsider) -> None:
    """A record of ours with a NUL in its type ended each start, and with it relay and consumer, for ever."""
    adopted: list[RecoveredRecord] = []
    async with opened(toy, outsider, adopted) as recovery:
        good = [woken(uuid4(), f"published {n}") for n in range(len(named(record(woken(uuid4(), ""), "", 1))))]
        poison = named(record(woken(uuid4(), "bent"), recovery.source, 1)).values()
        async with Writer(outsider.servers) as writer:
            for event, bent in zip(good, poison, strict=True):
                pair = [record(event, recovery.source, 1), bent._replace(key=bent.key or b"-")]
                await writer.send(LEADS_RECYCLED.name, 0, batch(pair))
        await recovery.run()
        assert {each.event for each in adopted} >= set(good)
        journal = await toy.rows("select ce_id from journal")
        assert {row["ce_id"] for row in journal} >= {event.ce_id for event in good}


async def test_what_cannot_be_taken_up_keeps_nothing_else_from_it(toy: Toy, outsider: Outsider) -> None:
    async with opened(toy, outsider, []) as recovery:
        odd, *others = published = [woken(uuid4(), f"published {n}") for n in range(7)]

        async def adopt(batch: Sequence[RecoveredRecord], _: Transaction) -> None:
            if odd in [each.event for each in batch]:
                raise ZeroDivisionError

        recovery.adopt = adopt
        await publish(outsider, recovery.source, published)
        await recovery.run()
        found = {row["ce_id"] for row in await toy.rows("select ce_id from journal")}
        assert found >= {event.ce_id for event in others}
        assert odd.ce_id not in found


async def test_a_state_that_was_published_keeps_its_name(toy: Toy, outsider: Outsider) -> None:
    """The same revision with other facts is another state, and consumers must not take it for the one they know."""
    async with opened(toy, outsider, []):
        event = woken(uuid4(), "twice")
        await toy.rows("insert into recovered values ($1)", event.ce_id)
        async with toy.service.transaction() as tx:
            tx.emit(event)
        async with toy.service.transaction() as tx:
            tx.emit(woken(uuid4(), "new"))
        found = await toy.rows("select ce_id from journal where key = $1", event.key)
        assert len(found) == 1
        assert found[0]["ce_id"] != event.ce_id
