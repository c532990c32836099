"""One event and how it travels: plain JSON values, CloudEvents 1.0 attributes as Kafka headers (binary mode)."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self
from uuid import UUID

import msgspec

from events.ids import derive_id
from events.parts import Instant, Part, convert_to_utc, is_in_utc


class Event(Part, frozen=True, kw_only=True):
    """A past-tense fact. Its identity names it: the same fact said twice has one `ce_id`."""

    ce_type: ClassVar[str] = ""
    identity: ClassVar[tuple[str, ...]] = ()

    occurred_at: Instant

    @property
    def key(self) -> str:
        """The Kafka key: what this event is ordered by."""
        return str(getattr(self, "contact_id"))  # noqa: B009 - keyed by contact unless a subclass says otherwise

    @property
    def ce_id(self) -> UUID:
        """The CloudEvents id, computed from the type and the identity fields."""
        return derive_id(self.ce_type, *(getattr(self, name) for name in self.identity))

    def encode(self) -> bytes:
        """Write the value as JSON, in field order; instants in UTC."""
        text = _ENCODER.encode(self)
        return text if is_in_utc(self) else _ENCODER.encode(self.decode(text))

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Read a value; raises `pydantic.ValidationError` where it is not one of this type."""
        try:
            event: Self = _msgspec_decoder(cls).decode(value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
        else:
            if is_in_utc(event):
                return event
        return cls._from_model(cls.model().model_validate_json(value))


_ENCODER = msgspec.json.Encoder()


@cache
def _msgspec_decoder(kind: type[Event]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


class ContactEvent(Event, frozen=True, kw_only=True):
    """An event about one contact, in that contact's order."""

    contact_id: UUID


class LeadEvent(ContactEvent, frozen=True, kw_only=True):
    """An event about one lead: the `cycle`-th (from 1) qualification episode of a contact."""

    lead_id: UUID
    cycle: int


class LeadDecision(LeadEvent, frozen=True, kw_only=True):
    """An event about one lead that a playbook decided, and which version of it."""

    playbook_version: str


class Envelope(NamedTuple):
    """The CloudEvents attributes of one record. `time` is real time and never changes for an event."""

    id: str
    type: str
    source: str
    time: datetime
    sequence: int
    traceparent: str | None = None

    def headers(self) -> list[tuple[str, bytes]]:
        """Write the attributes as Kafka headers."""
        pairs = [
            ("ce_id", self.id.encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("ce_specversion", b"1.0"),
            ("ce_time", self.time.isoformat().encode()),
            ("ce_sequence", b"%d" % self.sequence),
            ("content-type", b"application/json"),
        ]
        if self.traceparent:
            pairs.append(("traceparent", self.traceparent.encode()))
        return pairs

    @classmethod
    def read(cls, headers: Sequence[tuple[str, bytes | None]]) -> Self:
        """Read the attributes; raises `ValueError` where one is missing, repeated or malformed.

        What the error says names the header and never quotes it.
        """
        found = dict(headers)
        if len(found) < len(headers):
            _refuse_repeated(headers)
        sequence = found.get("ce_sequence") or b"0"
        if not sequence.isdigit() or len(sequence) > LONGEST_NUMBER:
            raise ValueError("header ce_sequence is no number")
        parent = found.get("traceparent")
        return cls(
            id=_header_text(found, "ce_id"),
            type=_header_text(found, "ce_type"),
            source=_header_text(found, "ce_source"),
            time=_parse_header_time(_header_text(found, "ce_time")),
            sequence=int(sequence),
            traceparent=parent.decode() if parent and TRACEPARENT.fullmatch(parent) else None,
        )


LONGEST_ATTRIBUTE, LONGEST_NUMBER = 1_000, 18
"""Bytes."""
TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context. One that is malformed is left out: a trace that breaks costs no event."""


def _refuse_repeated(headers: Sequence[tuple[str, bytes | None]]) -> None:
    """Raise where an attribute is there twice: nobody knows which counts."""
    names = [name for name, _ in headers if name.startswith("ce_")]
    for name in ("ce_id", "ce_type", "ce_source", "ce_time", "ce_sequence"):
        if names.count(name) > 1:
            msg = f"header {name} is repeated"
            raise ValueError(msg)


def _header_text(found: Mapping[str, bytes | None], name: str) -> str:
    value = found.get(name)
    if not value:
        msg = f"header {name} is missing"
    elif len(value) > LONGEST_ATTRIBUTE:
        msg = f"header {name} is too long"
    else:
        text = value.decode(errors="replace")
        if "\ufffd" not in text and text.isprintable():
            return text
        msg = f"header {name} is no text"
    raise ValueError(msg)


def _parse_header_time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("header ce_time is no time") from None
    if time.tzinfo is None:
        raise ValueError("header ce_time has no zone")
    try:
        return convert_to_utc(time)
    except ValueError:
        raise ValueError("header ce_time is out of range") from None
