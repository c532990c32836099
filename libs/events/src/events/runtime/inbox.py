"""What has been seen: a record is applied, already applied, or parked with its reason. Nothing vanishes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

import orjson
from pydantic import ValidationError

from events.envelope import Envelope, Event
from events.ids import derive
from events.runtime.transaction import Transaction
from events.topics import EVENT_TYPES, Topic

TOMBSTONE = "tombstone"
"""The reason why a record of a compacted topic has no event: its key was erased. Who must act hears it as an event."""


class Record(NamedTuple):
    """One Kafka record, bytes as they came."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    """Milliseconds since 1970, UTC."""
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Received(NamedTuple):
    """A record and what could be made of it: an event, or the reason why not."""

    record: Record
    inbox_id: UUID
    day: date
    event: Event | None
    envelope: Envelope | None
    reason: str = ""
    detail: str = ""

    @property
    def contact_id(self) -> UUID | None:
        """The contact that the record is about, if any."""
        return getattr(self.event, "contact_id", None)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return derive("foreign", text)


def receive(record: Record, topic: Topic) -> Received:
    """Read one record of a topic; what cannot be read is said, never raised."""
    try:
        envelope = Envelope.read(record.headers)
    except ValueError as error:
        nameless = derive("record", record.topic, record.partition, record.offset, record.timestamp)
        day = datetime.fromtimestamp(record.timestamp / 1000, tz=UTC).date()
        return Received(record, nameless, day, None, None, "undecodable", str(error))
    inbox_id, day = _id(envelope.id), envelope.time.astimezone(UTC).date()
    kind = EVENT_TYPES.get(envelope.type)
    if kind is None or kind not in topic.events:
        return Received(record, inbox_id, day, None, envelope, "unknown_version", "event type is not known here")
    if record.value is None and topic.compacted:
        return Received(record, inbox_id, day, None, envelope, TOMBSTONE)
    if record.value is None:
        return Received(record, inbox_id, day, None, envelope, "undecodable", "no value where one is expected")
    try:
        event = kind.decode(record.value)
    except ValidationError as error:
        fields = sorted({".".join(map(str, fault["loc"])) + ": " + fault["type"] for fault in error.errors()})
        return Received(record, inbox_id, day, None, envelope, "undecodable", "; ".join(fields)[:500])
    return Received(record, inbox_id, day, event, envelope)


async def take(tx: Transaction, batch: Sequence[Received]) -> list[Received]:
    """Mark records as seen, lock their contacts in key order, and give those not seen before, in their order."""
    about = {contact_id for item in batch if (contact_id := item.contact_id) is not None}
    contacts = sorted(about, key=attrgetter("int"))
    rows = await tx.raw.fetch(
        "with known as (insert into contacts select unnest($3::uuid[]) on conflict do nothing)"
        " insert into inbox select distinct * from unnest($1::uuid[], $2::date[]) as i(ce_id, day)"
        " order by 1, 2 on conflict do nothing returning ce_id",
        [item.inbox_id for item in batch],
        [item.day for item in batch],
        contacts,
    )
    if contacts:
        await tx.raw.execute(
            "select from contacts where contact_id = any($1) order by contact_id for no key update",
            contacts,
        )
    unseen = {row["ce_id"] for row in rows}
    fresh = []
    for item in batch:
        if item.inbox_id in unseen:
            unseen.discard(item.inbox_id)
            fresh.append(item)
            if item.envelope is not None and item.envelope.traceparent and item.event is not None:
                tx.traces[item.event.key] = item.envelope.traceparent
    return fresh


async def park(tx: Transaction, items: Sequence[tuple[Received, str, str, int]]) -> None:
    """Keep records with the reason (`reason`, `detail`, `attempts`) and point at them on the dead-letter topic."""
    if not items:
        return
    ids = [derive("parked", tx.service, item.inbox_id) for item, _, _, _ in items]
    await tx.raw.execute(
        'insert into parked (id, topic, partition, "offset", ce_id, ce_type, key, headers, value, contact_id,'
        " reason, detail, attempts)"
        " select i, t, p, o, c, y, k, h::jsonb, v, n, r, d, a from unnest($1::uuid[], $2::text[], $3::int[],"
        " $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::bytea[], $10::uuid[], $11::text[],"
        " $12::text[], $13::int[]) as u(i, t, p, o, c, y, k, h, v, n, r, d, a)"
        " on conflict (id) do nothing",
        ids,
        [item.record.topic for item, *_ in items],
        [item.record.partition for item, *_ in items],
        [item.record.offset for item, *_ in items],
        [item.envelope.id if item.envelope else None for item, *_ in items],
        [item.envelope.type if item.envelope else None for item, *_ in items],
        [item.record.key for item, *_ in items],
        [orjson.dumps([[name, value.hex()] for name, value in item.record.headers]).decode() for item, *_ in items],
        [item.record.value for item, *_ in items],
        [item.contact_id or _contact_in(item.record.key) for item, *_ in items],
        [reason for _, reason, _, _ in items],
        [detail for _, _, detail, _ in items],
        [attempts for *_, attempts in items],
    )
    for parked_id, (item, reason, _, _) in zip(ids, items, strict=True):
        key = item.contact_id or _contact_in(item.record.key) or parked_id
        tx.dead_letter(parked_id, item.record.topic, str(key), reason)


def _contact_in(key: bytes | None) -> UUID | None:
    """Find the contact in a record's key, so that erasure reaches a record that could not be read."""
    try:
        return UUID(key.decode()) if key else None
    except (ValueError, UnicodeDecodeError):
        return None
