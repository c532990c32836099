"""Whatever comes from Kafka, no process ends, nothing loops, and the good records beside it are applied."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

from baton import kafka, kafka_apache
from events.runtime import decoding, positions
from events.runtime.contact_rows import load_rows_about
from tests.fuzz.poison import named
from tests.fuzz.raw import Raw, Writer, batch

from .conftest import Toy, captured, until

pytestmark = pytest.mark.skipif(
    not kafka_apache.can_run_apache_kafka(),
    reason="needs Java 17+ and Maven: the broker in memory reads what it is sent",
)


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[kafka.Kafka]:
    """A broker for these tests alone: not every client survives what they leave on the topics."""
    folder = tmp_path_factory.mktemp("poison") / "kafka"
    started = await asyncio.to_thread(kafka.start_kafka, folder, None, {"BATON_KAFKA": "apache"})
    yield started
    await asyncio.to_thread(started.stop)


def in_order(contact: UUID | None = None) -> tuple[UUID, Raw]:
    event = captured(contact)
    headers = [
        (b"ce_id", str(event.ce_id).encode()),
        (b"ce_type", event.ce_type.encode()),
        (b"ce_source", b"outsider"),
        (b"ce_time", event.received_at.isoformat().encode()),
        (b"ce_sequence", b"1"),
    ]
    return event.engagement_id, Raw(event.key.encode(), event.encode(), headers)


async def applied(toy: Toy, ids: list[UUID]) -> bool:
    rows = await toy.rows("select times from heard where engagement_id = any($1)", ids)
    return [row["times"] for row in rows] == [1] * len(ids)


async def parked(toy: Toy) -> list[Any]:
    return await toy.rows('select * from parked order by "offset"')


async def test_poison_in_every_part_is_parked_as_bytes_and_the_good_ones_between_are_applied(
    lone_toy: Toy, broker: kafka.Kafka
) -> None:
    """X45, X23."""
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        good: list[UUID] = []
        bad = list(named(in_order()[1]).values())
        places = {}
        for number, poison in enumerate(bad):
            before, between = in_order(), in_order()
            good += [before[0], between[0]]
            fill = [in_order() for _ in range(4)]
            good += [each[0] for each in fill]
            records = [before[1], poison, between[1], *(each[1] for each in fill)]
            offset = await writer.send(lone_toy.topic, number % 2, batch(records))
            places[number % 2, offset + 1] = poison
        await until(lambda: applied(lone_toy, good), 60)
        rows = {(row["partition"], row["offset"]): row for row in await parked(lone_toy)}
        assert rows.keys() == places.keys()
        for place, poison in places.items():
            row = rows[place]
            assert (row["key"], row["value"]) == (poison.key, poison.value)
            assert list(zip(row["header_names"], row["header_values"], strict=True)) == list(poison.headers)
        assert lone_toy.service.list_stuck_loops() == []


async def test_a_batch_that_is_spoilt_on_the_brokers_disk_is_parked_whole_and_reading_goes_on(
    lone_toy: Toy, broker: kafka.Kafka
) -> None:
    first, spoilt, last = in_order(), in_order(), in_order()
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        await writer.send(lone_toy.topic, 3, batch([first[1]]))
        await until(lambda: applied(lone_toy, [first[0]]))
    async with Writer(broker.bootstrap) as writer:
        place = await writer.send(lone_toy.topic, 3, batch([spoilt[1], spoilt[1]]))
        await writer.send(lone_toy.topic, 3, batch([last[1]]))
    await _spoil(broker, lone_toy.topic, str(spoilt[0]).encode())
    async with lone_toy.running():
        await until(lambda: applied(lone_toy, [last[0]]), 60)
        [row] = await parked(lone_toy)
        assert (row["offset"], row["reason"]) == (place + 1, "undecodable")
        assert (spoilt[1].key or b"") in row["value"]
        assert UUID((spoilt[1].key or b"").decode()) in row["contact_ids"]


async def _spoil(broker: kafka.Kafka, topic: str, content: bytes) -> None:
    """Flip a bit on the disk where these words lie, as a disk does."""
    assert broker.running is not None
    folder = broker.running.program.directory
    assert folder is not None
    port = int(broker.bootstrap.rpartition(":")[2])
    await asyncio.to_thread(broker.stop)
    assert await asyncio.to_thread(_flip, Path(folder), topic, content) == 1
    broker.running = (await asyncio.to_thread(kafka.start_kafka, folder, port, {"BATON_KAFKA": "apache"})).running


def _flip(folder: Path, topic: str, content: bytes) -> int:
    spoilt = 0
    for path in folder.rglob("*.log"):
        data = path.read_bytes() if topic in str(path) else b""
        if content in data:
            at = data.index(content)
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            spoilt += 1
    return spoilt


async def test_a_record_whose_database_refuses_its_bytes_is_parked_by_its_place(
    lone_toy: Toy, broker: kafka.Kafka
) -> None:
    """The last resort: the column takes no value any more, and still nothing loops."""
    poison, good = in_order()[1]._replace(value=b"{}"), in_order()
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        await lone_toy.rows("alter table parked add constraint small check (value is null)")
        place = await writer.send(lone_toy.topic, 4, batch([poison, good[1]]))
        await until(lambda: applied(lone_toy, [good[0]]), 60)
        [row] = await parked(lone_toy)
        assert (row["offset"], row["reason"], row["value"]) == (place, "undecodable", None)
        assert UUID((poison.key or b"").decode()) in row["contact_ids"]


@pytest.mark.parametrize("where", ["key", "value", "header"])
async def test_erasure_and_access_reach_a_parked_record_by_any_id_in_its_bytes(
    lone_toy: Toy, broker: kafka.Kafka, where: str
) -> None:
    person = uuid4()
    _, raw = in_order()
    poison = {
        "key": raw._replace(key=b"\0" + str(person).encode()),
        "value": raw._replace(value=b"not json: " + str(person).upper().encode()),
        "header": raw._replace(value=b"{}", headers=[*raw.headers, (b"\xff", person.hex.encode())]),
    }[where]
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        await writer.send(lone_toy.topic, 5, batch([poison]))
        await until(lambda: _is_parked(lone_toy))
        async with lone_toy.service.transaction() as tx:
            assert (await load_rows_about(tx, person)).keys() == {"parked"}
        async with lone_toy.service.transaction() as tx:
            assert await tx.erase([person]) == 1
        assert await parked(lone_toy) == []
        await writer.send(lone_toy.topic, 5, batch([poison._replace(value=b"later, " + (poison.value or b""))]))
        await until(lambda: _is_parked(lone_toy))
        [row] = await parked(lone_toy)
        assert (row["reason"], row["state"], row["key"], row["value"]) == ("undecodable", "discarded", None, None)
        assert (row["headers"], row["header_names"], row["header_values"]) == ("[]", None, None)
        assert (row["contact_id"], row["contact_ids"]) == (None, [])


async def _is_parked(toy: Toy) -> bool:
    return bool(await parked(toy))


async def test_a_parked_record_with_odd_headers_is_replayed_from_its_bytes(lone_toy: Toy, broker: kafka.Kafka) -> None:
    engagement, raw = in_order()
    poison = raw._replace(headers=[(b"\xff\0", b"x"), *raw.headers])
    async with lone_toy.running(), Writer(broker.bootstrap) as writer:
        await writer.send(lone_toy.topic, 0, batch([poison]))
        await until(lambda: _is_parked(lone_toy))
        [row] = await parked(lone_toy)
        assert await lone_toy.service.close_parked(row["id"], "replay") == "replayed"
        assert await applied(lone_toy, [engagement])


def test_a_batch_is_read_again_before_it_is_given_up() -> None:
    """A checksum may be wrong on the way only."""
    _, raw = in_order()
    data = bytearray(batch([raw]))
    data[-1] ^= 1
    found = [list(_records(bytes(data))) for _ in range(decoding.FETCHES)]
    assert [len(records) for records in found] == [0] * (decoding.FETCHES - 1) + [1]
    assert found[-1][0].value == bytes(data)


def _records(data: bytes) -> decoding.SalvagingPartitionRecords:
    return decoding.SalvagingPartitionRecords(
        TopicPartition("t", 0), decoding.RawMemoryRecords(data), [], 0, None, None, True, 0
    )


def test_records_before_and_after_one_that_the_client_cannot_read_are_read() -> None:
    good = [in_order()[1] for _ in range(3)]
    odd = good[1]._replace(headers=[(b"\xff", None)])
    found = list(_records(batch([good[0], odd, good[2]]) + batch(good)[:-5]))
    assert [record.offset for record in found] == [0, 1, 2]
    assert found[1].headers == (("\udcff", None),)
    assert [record.value for record in found] == [raw.value for raw in good]


def test_a_record_whose_inside_makes_no_sense_is_one_with_all_its_bytes() -> None:
    _, raw = in_order()
    data = bytearray(batch([raw, raw]))
    at = data.index(raw.key or b"") - 1
    data[at] = 0x7F  # the key's length goes beyond the record
    fixed = _with_checksum(bytes(data))
    found = list(_records(fixed))
    assert len(found) == 2
    assert (raw.value or b"") in (found[0].value or b"")
    assert found[1].value == raw.value
    assert positions.read_record_mark(found[0].headers) == ""


def _with_checksum(data: bytes) -> bytes:
    return data[:17] + int(calc_crc32c(data[21:])).to_bytes(4, "big") + data[21:]
