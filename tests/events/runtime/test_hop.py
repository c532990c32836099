"""A record's way through one service: once in effect, whatever breaks, or parked in sight."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from events.contacts import ErasureReceipt
from events.runtime.errors import Reject
from events.runtime.transaction import LARGEST_VALUE, EventTooLarge
from events.topics import LEADS_RECYCLED

from .conftest import Outsider, Toy, captured, until, woken


async def heard(toy: Toy, *ids: Any) -> list[int]:
    rows = await toy.rows("select times from heard where engagement_id = any($1)", list(ids))
    return [row["times"] for row in rows]


async def test_a_record_is_applied_once_and_answered_on_the_topic(toy: Toy, outsider: Outsider) -> None:
    event = captured()
    async with toy.running():
        await outsider.send(event, event)
        await until(lambda: answered(outsider, event))
        assert await heard(toy, event.engagement_id) == [1]


async def answered(outsider: Outsider, event: Any) -> bool:
    records = await outsider.read(LEADS_RECYCLED.name)
    mine = [record for record in records if record.key == event.key.encode()]
    return bool(mine)


async def test_what_cannot_be_read_is_parked_and_the_next_flows(toy: Toy, outsider: Outsider) -> None:
    """X23, X24."""
    event = captured()
    async with toy.running():
        await outsider.send_raw(
            (b"k", b"\xff\xfe not json", []),
            (b"k", b"", [("ce_id", b"1")]),
            (b"k", None, [(name, value) for name, value in _headers("contact.captured.v1")]),
            (b"k", b"{}", _headers("contact.captured.v9")),
            (b"k", b"{}", _headers("contact.captured.v1")),
        )
        await outsider.send(event)
        await until(lambda: _is_heard(toy, event.engagement_id))
        rows = await toy.rows("select reason from parked order by reason")
        assert [row["reason"] for row in rows].count("unknown_version") >= 1
        assert [row["reason"] for row in rows].count("undecodable") >= 4


async def _is_heard(toy: Toy, engagement_id: Any) -> bool:
    return await heard(toy, engagement_id) == [1]


def _headers(kind: str) -> list[tuple[str, bytes]]:
    return [
        ("ce_id", str(uuid4()).encode()),
        ("ce_type", kind.encode()),
        ("ce_source", b"outsider"),
        ("ce_time", datetime.now(UTC).isoformat().encode()),
        ("ce_sequence", b"1"),
    ]


async def test_a_bug_for_one_contact_parks_that_record_alone_and_a_replay_applies_it_once(
    toy: Toy, outsider: Outsider
) -> None:
    """X25."""
    bad, rejected, good = captured(), captured(), captured()
    toy.bugs.add(bad.contact_id)
    toy.rejected.add(rejected.contact_id)
    async with toy.running():
        await outsider.send(bad, rejected, good)
        await until(lambda: _is_heard(toy, good.engagement_id))
        await until(lambda: _parked(toy, bad.contact_id))
        await until(lambda: _parked(toy, rejected.contact_id))
        assert await heard(toy, bad.engagement_id) == []
        toy.bugs.clear()
        [row] = await toy.rows("select id, reason, attempts from parked where contact_id = $1", bad.contact_id)
        assert (row["reason"], row["attempts"]) == ("handler_bug", 5)
        assert await toy.service.close_parked(row["id"], "replay") == "replayed"
        assert await toy.service.close_parked(row["id"], "replay") == "replayed"
        assert await heard(toy, bad.engagement_id) == [1]


async def _parked(toy: Toy, contact_id: Any) -> bool:
    return bool(await toy.rows("select from parked where contact_id = $1 and state = 'parked'", contact_id))


async def test_replaying_the_topic_from_its_start_changes_nothing(toy: Toy, outsider: Outsider) -> None:
    """X27, I8."""
    events = [captured() for _ in range(50)]
    async with toy.running():
        await outsider.send(*events)
        await until(lambda: _all_heard(toy, events))
    await toy.rows("update positions set next_offset = 0, last_ce_id = null")
    before = (await toy.rows("select count(*) as n from journal"))[0]["n"]
    async with toy.running():
        last = captured()
        await outsider.send(last)
        await until(lambda: _is_heard(toy, last.engagement_id))
        assert (await toy.rows("select max(times) as n from heard"))[0]["n"] == 1
        assert (await toy.rows("select count(*) as n from journal"))[0]["n"] == before + 1


async def _all_heard(toy: Toy, events: list[Any]) -> bool:
    return len(await heard(toy, *(event.engagement_id for event in events))) == len(events)


async def test_sequences_rise_by_one_per_contact_and_ids_come_out_the_same(toy: Toy, outsider: Outsider) -> None:
    """I6."""
    contact = uuid4()
    events = [captured(contact) for _ in range(20)]
    async with toy.running():
        await outsider.send(*events)
        await until(lambda: _all_heard(toy, events))
        await until(lambda: _empty(toy))
    records = [r for r in await outsider.read(LEADS_RECYCLED.name) if r.key == str(contact).encode()]
    sequences = [int(dict(record.headers)["ce_sequence"]) for record in records]
    assert sequences == list(range(1, 21))
    assert len({dict(record.headers)["ce_id"] for record in records}) == 20


async def _empty(toy: Toy) -> bool:
    return not await toy.rows("select from outbox")


async def test_a_republished_journal_sends_the_same_bytes_under_the_same_id(toy: Toy, outsider: Outsider) -> None:
    event = captured()
    async with toy.running():
        await outsider.send(event)
        await until(lambda: _is_heard(toy, event.engagement_id))
        await until(lambda: _empty(toy))
        assert await toy.service.republish(topic=LEADS_RECYCLED.name, since=None) >= 1
        await until(lambda: _empty(toy))
    mine = [r for r in await outsider.read(LEADS_RECYCLED.name) if r.key == event.key.encode()]
    assert len(mine) == 2
    assert (mine[0].value, mine[0].headers) == (mine[1].value, mine[1].headers)


async def test_a_timer_fires_once_at_its_instant_and_not_when_dropped(toy: Toy) -> None:
    async with toy.running():
        key, dropped, contact = uuid4(), uuid4(), uuid4()
        async with toy.service.transaction() as tx:
            tx.schedule("later", key, contact, tx.now + timedelta(milliseconds=200))
            tx.schedule("later", dropped, contact, tx.now + timedelta(milliseconds=100))
        async with toy.service.transaction() as tx:
            tx.unschedule("later", dropped)
        await until(lambda: _fired(toy))
        assert [due.key for due in toy.fired] == [key]
        assert await toy.rows("select from timers") == []


async def _fired(toy: Toy) -> bool:
    return bool(toy.fired)


async def test_an_event_larger_than_the_broker_takes_is_refused_where_it_is_emitted(toy: Toy) -> None:
    """X41: the transaction fails and leaves nothing, and the relay never sees it."""
    await toy.service.prepare()
    await toy.rows("delete from outbox")

    async def emit() -> None:
        async with toy.service.transaction() as tx:
            tx.emit(woken(captured()))
            tx.emit(woken(captured()).changed(reason="x" * LARGEST_VALUE))

    with pytest.raises(EventTooLarge):
        await emit()
    assert await toy.rows("select from outbox") == []
    await toy.service.stop()


async def test_a_transaction_that_fails_says_nothing(toy: Toy) -> None:
    await toy.service.prepare()
    await toy.rows("delete from outbox")

    async def fail() -> None:
        async with toy.service.transaction() as tx:
            tx.emit(woken(captured()))
            raise Reject("stop")

    with pytest.raises(Reject):
        await fail()
    assert await toy.rows("select from outbox") == []
    await toy.service.stop()


async def test_the_default_playbook_is_activated_at_the_first_start_and_announced(toy: Toy) -> None:
    await toy.service.prepare()
    await toy.service.prepare()
    rows = await toy.rows("select version from playbooks")
    assert len(rows) == 1
    assert len(await toy.rows("select from journal where ce_type = 'playbook.activated.v1'")) == 1
    await asyncio.wait_for(toy.service.stop(), 5)


async def test_erasure_deletes_what_was_published_of_a_person_but_not_the_erasure_itself(toy: Toy) -> None:
    await toy.service.prepare()
    event = captured()
    receipt = ErasureReceipt(
        occurred_at=event.occurred_at, contact_id=event.contact_id, erasure_id=uuid4(), service="toy", rows=1
    )
    async with toy.service.transaction() as tx:
        tx.emit(woken(event))
        tx.emit(receipt)
    async with toy.service.transaction() as tx:
        await tx.erase([event.contact_id])
    rows = await toy.rows(
        "select ce_type from outbox o join journal j on j.day = o.day and j.id = o.id where contact_id = $1",
        event.contact_id,
    )
    assert [row["ce_type"] for row in rows] == ["erasure.receipt.v1"]
    await toy.service.stop()
