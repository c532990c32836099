"""Parked records: kept as the bytes they were, with the reason; looked at, replayed once the cause is mended, or not.

Of what came from Kafka only ids and types become text here, cleaned of what no text takes; all else is `bytea`.
"""

import re
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from events.ids import derive_id
from events.runtime.inbox import TOMBSTONE, ReceivedRecord, Record
from events.runtime.printable import make_printable
from events.runtime.rows import Row, read_rows
from events.runtime.transaction import Transaction


class RecordToPark(NamedTuple):
    """A record to park, and why."""

    item: ReceivedRecord
    reason: str
    detail: str
    attempts: int


async def park_records(tx: Transaction, found: Sequence[RecordToPark]) -> None:
    """Keep records with the reason, and point at those that are new here on the dead-letter topic.

    Of a record about somebody who was erased no bytes are kept: its place and the reason alone, settled already.
    """
    if not found:
        return
    named = [find_ids_in_record(each.item) for each in found]
    erased = await _find_erased_contacts(tx, set().union(*named))
    late = [each for each, ids in zip(found, named, strict=True) if erased & ids]
    for each in late:
        await _insert_without_bytes(tx, each, "discarded", [])
    kept = [(each, ids) for each, ids in zip(found, named, strict=True) if not erased & ids]
    if kept:
        await _insert_parked_records(tx, [each for each, _ in kept], [ids for _, ids in kept])


async def _find_erased_contacts(tx: Transaction, contact_ids: Collection[UUID]) -> set[UUID]:
    if not contact_ids:
        return set()
    sql = "select contact_id from contacts where contact_id = any($1) and erased"
    return {row["contact_id"] for row in await tx.raw.fetch(sql, list(contact_ids))}


async def _insert_parked_records(tx: Transaction, found: Sequence[RecordToPark], about: Sequence[set[UUID]]) -> None:
    ids = [derive_id("parked", tx.service, each.item.inbox_id) for each in found]
    records = [each.item.record for each in found]
    rows = await tx.raw.fetch(
        _PARK,
        ids,
        [record.topic for record in records],
        [record.partition for record in records],
        [record.offset for record in records],
        [_printable_header(record, "ce_id") for record in records],
        [_printable_header(record, "ce_type") for record in records],
        [record.key for record in records],
        [_headers_as_hex(record) for record in records],
        [record.value for record in records],
        [each.item.contact_id for each in found],
        [make_printable(each.reason) for each in found],
        [make_printable(each.detail, 500) for each in found],
        [each.attempts for each in found],
        ["{" + ",".join(map(str, contacts)) + "}" for contacts in about],
    )
    _emit_dead_letters(tx, {row["id"] for row in rows}, dict(zip(ids, found, strict=True)))


async def park_without_bytes(tx: Transaction, found: RecordToPark) -> None:
    """Keep of a record no more than where it lies and what it is about: nothing in it can spoil this last resort."""
    await _insert_without_bytes(tx, found, "parked", sorted(find_ids_in_record(found.item)))


async def _insert_without_bytes(tx: Transaction, found: RecordToPark, state: str, about: Sequence[UUID]) -> None:
    parked_id, record = derive_id("parked", tx.service, found.item.inbox_id), found.item.record
    rows = await tx.raw.fetch(
        'insert into parked (id, topic, partition, "offset", headers, reason, detail, attempts, contact_ids, state)'
        " values ($1, $2, $3, $4, '[]', $5, $6, $7, $8, $9) on conflict (id) do nothing returning id",
        parked_id, record.topic, record.partition, record.offset, make_printable(found.reason),
        make_printable(found.detail, 500), found.attempts, about, state,
    )  # fmt: skip
    _emit_dead_letters(tx, {row["id"] for row in rows}, {parked_id: found})


_PARK = """
insert into parked (id, topic, partition, "offset", ce_id, ce_type, key, headers, header_names, header_values, value,
    contact_id, reason, detail, attempts, contact_ids)
select i, t, p, o, c, y, k, '[]',
    array(select decode(e.pair ->> 0, 'hex') from jsonb_array_elements(h::jsonb) with ordinality e(pair, n) order by n),
    array(select decode(e.pair ->> 1, 'hex') from jsonb_array_elements(h::jsonb) with ordinality e(pair, n) order by n),
    v, n, r, d, a, s::uuid[]
from unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::text[],
    $9::bytea[], $10::uuid[], $11::text[], $12::text[], $13::int[], $14::text[])
    as u(i, t, p, o, c, y, k, h, v, n, r, d, a, s)
on conflict (id) do nothing returning id
"""


def _emit_dead_letters(tx: Transaction, new: set[UUID], found: dict[UUID, RecordToPark]) -> None:
    for parked_id, each in found.items():
        if parked_id in new:
            key = each.item.contact_id or parked_id
            tx.emit_dead_letter(parked_id, each.item.record.topic, str(key), make_printable(each.reason))


def _printable_header(record: Record, name: str) -> str | None:
    value = dict(record.headers).get(name)
    return make_printable(value) if value else None


def _headers_as_hex(record: Record) -> str:
    """Write headers as pairs of hexadecimal digits, for PostgreSQL to make bytes of."""
    pairs = [
        [_header_name_to_bytes(name).hex(), None if value is None else value.hex()] for name, value in record.headers
    ]
    return orjson.dumps(pairs).decode()


def _header_name_to_bytes(name: str) -> bytes:
    return name.encode(errors="surrogateescape")


_UUID = re.compile(rb"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


def list_ids_of_records(items: Iterable[ReceivedRecord]) -> set[UUID]:
    """Return the ids that records to be parked name: an erasure of one of these contacts comes before or after."""
    return {
        found for item in items if item.event is None and item.reason != TOMBSTONE for found in find_ids_in_record(item)
    }


def find_ids_in_record(item: ReceivedRecord) -> set[UUID]:
    """Return every id that a record's bytes name, in key, headers or value: erasure reaches the record by each."""
    record = item.record
    parts = [record.key or b"", record.value or b"", *(value or b"" for _, value in record.headers)]
    with suppress(ValueError, TypeError):  # no JSON, or nested too deep to be written
        parts.append(orjson.dumps(orjson.loads(record.value or b"")))  # escapes may hide an id
    return {UUID(digits.decode()) for part in parts for digits in _UUID.findall(part)}


def was_parked_unreadable(service: str, parked_id: UUID, item: ReceivedRecord) -> bool:
    """Return whether a record that can be read now was parked because it could not: its event was never taken."""
    return parked_id != derive_id("parked", service, item.inbox_id)


class ParkedRow(Row):
    """A record that could not be applied, without its bytes."""

    id: UUID
    topic: str
    partition: int | None
    offset: int | None
    ce_id: str | None
    ce_type: str | None
    contact_id: UUID | None
    reason: str
    detail: str | None
    attempts: int
    parked_at: datetime
    state: str


_COLUMNS = ", ".join(f'"{name}"' for name in ParkedRow.names())
_LIST = f"select {_COLUMNS} from parked order by parked_at desc limit $1"  # noqa: S608 - names of columns


async def list_parked(tx: Transaction, most: int) -> list[ParkedRow]:
    """Return parked records, newest first, without their bytes."""
    return await read_rows(tx, ParkedRow, _LIST, most)


_WHOLE = (
    f"select {_COLUMNS}, key, value, header_names, header_values, headers::text as headers"  # noqa: S608 - names of columns
    " from parked where id = $1"
)


async def load_parked(tx: Transaction, parked_id: UUID) -> dict[str, Any] | None:
    """Return a parked record with its bytes, as text where they are text; None where there is none."""
    rows = await tx.raw.fetch(_WHOLE, parked_id)
    if not rows:
        return None
    row = dict(rows[0])
    names, values = row.pop("header_names"), row.pop("header_values")
    pairs = zip(names or (), values or (), strict=True)
    older = [[name, None if value is None else bytes.fromhex(value)] for name, value in orjson.loads(row["headers"])]
    headers = [[_bytes_to_text_or_hex(name), _bytes_to_text_or_hex(value)] for name, value in (list(pairs) or older)]
    return row | {
        "key": _bytes_to_text_or_hex(row["key"]),
        "value": _bytes_to_text_or_hex(row["value"]),
        "headers": headers,
    }


def _bytes_to_text_or_hex(value: bytes | str | None) -> str | None:
    """Return bytes as the text that they are, else in hexadecimal digits."""
    if value is None or isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


async def settle_parked(tx: Transaction, parked_id: UUID, state: str) -> tuple[str, Record | None]:
    """Settle a parked record as `replayed` or `discarded`; gives its state and, if it is ours to act on, its bytes."""
    rows = await tx.raw.fetch(
        'select topic, partition, "offset", key, value, headers::text as headers, header_names, header_values, state'
        " from parked where id = $1 for update",
        parked_id,
    )
    if not rows:
        return "unknown", None
    row = rows[0]
    if row["state"] != "parked":
        return str(row["state"]), None
    await tx.raw.execute("update parked set state = $2 where id = $1", parked_id, state)

    headers = tuple(
        (name.decode(errors="surrogateescape"), value)
        for name, value in zip(row["header_names"] or (), row["header_values"] or (), strict=True)
    ) or tuple((name, bytes.fromhex(value)) for name, value in orjson.loads(row["headers"]))
    record = Record(
        row["topic"],
        row["partition"] or 0,
        row["offset"] or 0,
        int(time.time() * 1000),
        row["key"],
        row["value"],
        headers,
    )
    return state, record
