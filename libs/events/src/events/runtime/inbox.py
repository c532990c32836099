"""What has been seen: a record is applied, already applied, or parked with its reason. Nothing vanishes."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from events.envelope import Envelope, Event
from events.ids import derive_id
from events.runtime.printable import make_printable
from events.runtime.transaction import ArrivedRecords, Transaction
from events.topics import EVENT_TYPES, Topic

TOMBSTONE = "tombstone"
"""The reason why a record of a compacted topic has no event: its key was erased. Who must act receives an event."""

LARGEST_HEADERS = 65_536
"""Bytes of a record's headers together."""
LONGEST_KEY = 1_000
"""Bytes."""


class Record(NamedTuple):
    """One Kafka record, bytes as they came."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    """Milliseconds since 1970, UTC."""
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    """A name that is not UTF-8 has its odd bytes as lone surrogates (`surrogateescape`)."""

    @classmethod
    def from_consumer_record(cls, raw: Any) -> "Record":
        """Return what of a consumer's record counts."""
        return cls(raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, raw.headers)


class ReceivedRecord(NamedTuple):
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
        """The contact that the record is about, if any; of a record that cannot be read, the one in its key."""
        if self.event is None:
            return _contact_id_in_key(self.record.key) if self.reason != TOMBSTONE else None
        return getattr(self.event, "contact_id", None)


def _contact_id_in_key(key: bytes | None) -> UUID | None:
    try:
        return UUID(key.decode()) if key else None
    except ValueError:
        return None


def _parse_or_derive_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return derive_id("foreign", text)


def decode_record(record: Record, topic: Topic, *, replayed: bool = False) -> ReceivedRecord:
    """Read one record of a topic; what cannot be read is said, never raised.

    A record that an operator replays may have a key or headers that are no text: what is needed of it can be read.
    """
    try:
        return _read_envelope_and_value(record, topic, None if replayed else _find_key_or_header_fault(record))
    except BaseException as error:  # a validator in Rust that panics raises no `Exception`
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return _build_unreadable_record(record, None, type(error).__name__)


def _read_envelope_and_value(record: Record, topic: Topic, fault: str | None) -> ReceivedRecord:
    try:
        envelope = Envelope.read(record.headers)
    except ValueError as error:
        return _build_unreadable_record(record, None, str(error))
    inbox_id, day = _parse_or_derive_uuid(envelope.id), envelope.time.date()
    kind = EVENT_TYPES.get(envelope.type)
    if fault is not None:
        return _build_unreadable_record(record, envelope, fault)
    if kind is None or kind not in topic.events:
        return _build_unreadable_record(record, envelope, "event type is not known here", "unknown_version")
    if record.value is None:
        if topic.compacted:
            return ReceivedRecord(record, inbox_id, day, None, envelope, TOMBSTONE)
        return _build_unreadable_record(record, envelope, "no value where one is expected")
    return _decode_event(record, envelope, kind)


def _decode_event(record: Record, envelope: Envelope, kind: type[Event]) -> ReceivedRecord:
    value = record.value or b""
    try:
        event = kind.decode(value)
    except ValidationError as error:
        return _build_unreadable_record(record, envelope, _describe_validation_faults(error))
    if b"\\u0000" in value and _contains_nul(event.as_json()):
        return _build_unreadable_record(record, envelope, "a text with NUL")
    return ReceivedRecord(record, _parse_or_derive_uuid(envelope.id), envelope.time.date(), event, envelope)


def _build_unreadable_record(
    record: Record, envelope: Envelope | None, detail: str, reason: str = "undecodable"
) -> ReceivedRecord:
    """Return a record without an event. Its bytes name it, for its `ce_id` may be that of a good one.

    Without an envelope its place on the topic names it.
    """
    if envelope is not None:
        content = sha256(repr((record.key, record.value, record.headers)).encode(errors="surrogatepass")).hexdigest()
        return ReceivedRecord(
            record, derive_id("unreadable", record.topic, content), envelope.time.date(), None, envelope, reason, detail
        )
    place = derive_id("record", record.topic, record.partition, record.offset, record.timestamp)
    return ReceivedRecord(record, place, _timestamp_to_date(record.timestamp), None, None, reason, detail)


def _timestamp_to_date(timestamp: int) -> date:
    """Return the day of a record's timestamp (milliseconds since 1970), and of one that is no time, the first."""
    try:
        return (_EPOCH + timedelta(milliseconds=max(0, timestamp))).date()
    except OverflowError:
        return _EPOCH.date()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _find_key_or_header_fault(record: Record) -> str | None:
    """Return what is wrong with the key or the headers of a record, whatever its value may be."""
    if not record.key:
        return "no key"
    if len(record.key) > LONGEST_KEY or not _is_printable_text(record.key):
        return "the key is no text"
    if sum(len(name) + len(value or b"") for name, value in record.headers) > LARGEST_HEADERS:
        return "headers too large"
    if not all(name.isprintable() for name, _ in record.headers):
        return "a header's name is no text"
    return None


def _is_printable_text(value: bytes) -> bool:
    try:
        return value.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _describe_validation_faults(error: ValidationError) -> str:
    """Name the fields and what is wrong with them; a name that is not ours may be a person's, and is left out."""
    found = {
        ".".join("?" if isinstance(part, str) and not part.isidentifier() else str(part) for part in fault["loc"])
        + f": {fault['type']}"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    }
    return make_printable("; ".join(sorted(found)), 500)


def _contains_nul(value: Any) -> bool:
    """Return whether a text somewhere in a value holds NUL, which PostgreSQL takes in no text."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_contains_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_contains_nul, value))


def build_arrivals(batch: Sequence[ReceivedRecord]) -> ArrivedRecords:
    """Return what a transaction that applies these records begins with."""
    about = {contact_id for item in batch if (contact_id := item.contact_id) is not None}
    return ArrivedRecords(
        [item.inbox_id for item in batch], [item.day for item in batch], sorted(about, key=attrgetter("int"))
    )


async def mark_seen(
    tx: Transaction, batch: Sequence[ReceivedRecord], named: Iterable[UUID] = ()
) -> list[ReceivedRecord]:
    """Mark records as seen, lock their contacts in key order, and return those not seen before.

    Of the ids that are `named` besides, those of known contacts are locked too.
    """
    came = build_arrivals(batch)
    locked = sorted({*came.contacts, *named}, key=attrgetter("int"))
    rows = await tx.raw.fetch(
        "with known as (insert into contacts select unnest($3::uuid[]) on conflict do nothing)"
        " insert into inbox select distinct * from unnest($1::uuid[], $2::date[]) as i(ce_id, day)"
        " order by 1, 2 on conflict do nothing returning ce_id",
        *came,
    )
    if locked:
        await tx.raw.execute(
            "select from contacts where contact_id = any($1) order by contact_id for no key update",
            locked,
        )
    return unseen_records(tx, batch, {row["ce_id"] for row in rows})


def unseen_records(tx: Transaction, batch: Sequence[ReceivedRecord], unseen: Iterable[UUID]) -> list[ReceivedRecord]:
    """Return the records of a batch whose ids were not seen before, each once, in their order; note their traces."""
    ids = set(unseen)
    found = []
    for item in batch:
        if item.inbox_id in ids:
            ids.discard(item.inbox_id)
            found.append(item)
            came = item.envelope
            if came is not None and came.traceparent and item.event is not None:
                tx.continue_trace((came.type, item.record.topic, came.id), item.event.key, came.traceparent)
    return found
