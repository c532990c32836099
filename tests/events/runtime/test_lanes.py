"""What a step costs beside its work: few statements, few fetches where nobody waits, one relay for all processes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from events.contacts import ContactCaptured
from events.runtime import Transaction, apply, fetching, outbox
from events.runtime.inbox import Record, build_arrivals, decode_record
from events.runtime.positions import Position, read_record_mark
from events.runtime.transaction import driver_connection_of
from events.topics import CONTACTS_CAPTURED, LEADS_RECYCLED
from tests.statements import recorded_statements

from .conftest import Outsider, Toy, captured, until, woken
from .test_hop import _headers, answered, heard


def test_the_first_record_goes_at_once_and_those_after_it_come_together() -> None:
    assert (
        fetching.choose_next_fetch(1, 0.01)
        == fetching.choose_next_fetch(0, None)
        == fetching.AT_ONCE
        == fetching.FetchRequest(500, 1)
    )
    assert fetching.choose_next_fetch(0, 0.01) == fetching.FetchRequest(90, fetching.ENOUGH_BYTES)


def test_the_busier_the_machine_is_the_longer_they_gather_but_never_for_long() -> None:
    waits = [fetching.choose_next_fetch(0, seconds).wait_ms for seconds in (0.005, 0.01, 0.03, 0.2, 9.0)]
    assert waits == sorted(waits)
    assert waits[-1] == 1000 * fetching.LONGEST_SECONDS


async def test_a_service_that_nobody_waits_for_applies_all_and_rests_in_between(
    toy: Toy, outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "REST_POLLS", 1_000_000)
    toy.service.gathers = True
    events = [captured() for _ in range(5)]
    async with toy.running():
        for event in events:
            await outsider.send(event)
        await until(lambda: _heard(toy, events))
        await until(lambda: _asks_for(toy, fetching.AT_ONCE))
    assert sorted(await heard(toy, *(event.engagement_id for event in events))) == [1] * 5


async def test_at_rest_kafka_is_asked_less_often_and_the_next_record_comes_all_the_same(
    toy: Toy, outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "REST_POLLS", 2)
    async with toy.running():
        await until(lambda: _asks_for(toy, fetching.AT_REST))
        await outsider.send(event := captured())
        await until(lambda: _heard(toy, [event]))


async def _heard(toy: Toy, events: list[Any]) -> bool:
    return len(await heard(toy, *(event.engagement_id for event in events))) == len(events)


async def _asks_for(toy: Toy, fetch: fetching.FetchRequest) -> bool:
    client: Any = toy.service.consumer and toy.service.consumer._client
    fetcher = client and client._fetcher
    return fetcher is not None and fetching.FetchRequest(fetcher._fetch_max_wait_ms, fetcher._fetch_min_bytes) == fetch


async def test_nothing_gathers_in_stepped_time(toy: Toy) -> None:
    toy.service.gathers = True
    toy.service.settings = toy.service.settings.model_copy(update={"clock": "stepped"})
    async with toy.running():
        assert toy.service.consumer is not None
        assert not toy.service.consumer.gathers


async def test_a_batch_costs_four_statements_beside_its_own(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin, take, publish with the positions, commit; one more is the toy's own."""
    await toy.service.prepare()
    events = [captured() for _ in range(3)]
    batch = [
        decode_record(
            Record(CONTACTS_CAPTURED.name, 0, nth, 0, each.key.encode(), each.encode(), _headers(each.ce_type)),
            CONTACTS_CAPTURED,
        )
        for nth, each in enumerate(events)
    ]
    opened = toy.service.transaction
    await apply.apply_batch(opened, apply.TopicBatch(toy.apply_captured, batch))
    with recorded_statements(monkeypatch) as statements:
        again = [item._replace(inbox_id=uuid4()) for item in batch]
        await apply.apply_batch(opened, apply.TopicBatch(toy.apply_captured, again))
    assert len(statements) == 5, statements
    assert await apply.apply_batch(opened, apply.TopicBatch(toy.apply_captured, batch)) == []
    assert await toy.rows("select from outbox") != []
    assert apply.compute_positions_after(batch) == {
        (CONTACTS_CAPTURED.name, 0): Position(3, read_record_mark(batch[-1].record.headers))
    }
    [row] = await toy.rows("select next_offset from positions")
    assert row["next_offset"] == 3


def _work_of_two_topics(toy: Toy, first: ContactCaptured, second: ContactCaptured) -> list[apply.TopicBatch]:
    async def note(batch: Sequence[Any], tx: Transaction) -> None:
        ids = [event.lead_id for event in batch]
        await tx.raw.execute("insert into heard select e, e, 1 from unnest($1::uuid[]) as e", ids)

    handlers = [(CONTACTS_CAPTURED, toy.apply_captured, first), (LEADS_RECYCLED, note, woken(second))]
    return [
        apply.TopicBatch(
            handler,
            [
                decode_record(
                    Record(topic.name, 0, 0, 0, each.key.encode(), each.encode(), _headers(each.ce_type)), topic
                )
            ],
        )
        for topic, handler, each in handlers
    ]


async def test_the_topics_of_a_small_poll_share_one_transaction(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    await toy.service.prepare()
    first, second = captured(), captured()
    work = _work_of_two_topics(toy, first, second)
    with recorded_statements(monkeypatch) as statements:
        assert await apply.apply_topics_together(toy.service.transaction, work) == ([], [])
    assert len([each for each in statements if "insert into inbox" in each]) == 1, statements
    assert await apply.apply_topics_together(toy.service.transaction, work) == ([], [])
    assert await heard(toy, first.engagement_id, second.engagement_id) == [1, 1]
    rows = await toy.rows("select topic from positions where next_offset = 1 order by topic")
    assert [row["topic"] for row in rows] == [CONTACTS_CAPTURED.name, LEADS_RECYCLED.name]


async def test_what_one_topic_parks_keeps_no_other_from_its_own(toy: Toy) -> None:
    await toy.service.prepare()
    first, second = captured(), captured()
    toy.rejected.add(first.contact_id)
    outcome = await apply.apply_topics_together(toy.service.transaction, _work_of_two_topics(toy, first, second))
    assert [item.record.topic for item in outcome.parked] == [CONTACTS_CAPTURED.name]
    assert await heard(toy, first.engagement_id, second.engagement_id) == [1]
    assert len(await toy.rows("select from positions where next_offset = 1")) == 2


async def test_a_timer_for_which_nobody_waits_wakes_nobody(toy: Toy) -> None:
    await toy.service.prepare()
    async with toy.service.transaction() as tx:
        tx.schedule("later", uuid4(), uuid4(), tx.now)
        assert tx.has_timer_within(2.0)
        assert not tx.has_timer_within(2.0, ["later"])


async def test_a_transaction_plans_its_statements_once(toy: Toy) -> None:
    """What a statement costs must not grow by its plan; other sessions of the pool are planned as ever."""
    await toy.service.prepare()
    mode = "select current_setting('plan_cache_mode') as mode"
    batch = [each for work in _work_of_two_topics(toy, captured(), captured()) for each in work.batch]
    for came in (None, build_arrivals(batch)):
        async with toy.service.transaction(came) as tx:
            assert [row["mode"] for row in await tx.raw.fetch(mode)] == ["force_generic_plan"]
    async with toy.service.connect() as connection:
        assert [row["mode"] for row in await (await driver_connection_of(connection)).fetch(mode)] == ["auto"]


async def test_what_another_process_commits_is_sent_at_once(
    toy: Toy, outsider: Outsider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one relay sends; the other one wakes it."""
    monkeypatch.setattr(outbox, "POLL_SECONDS", 3600.0)
    other = Toy(toy.url, outsider.servers, tmp_path)
    other.service.settings = toy.service.settings.model_copy(update={"instance": "toy-1"})
    first, second = captured(), captured()
    async with toy.running():
        await _say(toy, first)
        await until(lambda: answered(outsider, first))
        async with other.running():
            await until(lambda: _relays(other))
            await _say(other, second)
            await until(lambda: answered(outsider, second))
    assert [record.topic for record in await outsider.read(LEADS_RECYCLED.name)][:1] == [LEADS_RECYCLED.name]


async def _say(toy: Toy, event: Any) -> None:
    async with toy.service.transaction() as tx:
        await toy.apply_captured([event], tx)


async def _relays(other: Toy) -> bool:
    """Whether the second relay has its session, and has looked once."""
    rows = await other.rows(
        "select from pg_stat_activity where datname = current_database() and application_name = 'baton-relay'"
        " and query like '%pg_try_advisory_lock%'"
    )
    return bool(rows)
