"""One event and how it travels: plain JSON values, CloudEvents 1.0 attributes as Kafka headers (binary mode)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from operator import methodcaller
from typing import Annotated, ClassVar, NamedTuple, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from events.ids import derive

Instant = Annotated[AwareDatetime, AfterValidator(methodcaller("astimezone", UTC))]
"""A point in time with a zone, held in UTC."""

Scalar = str | int | float | bool | None


class Part(BaseModel):
    """A piece of an event's value. Unknown fields are ignored, so that newer producers can add some."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Event(Part):
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
        return derive(self.ce_type, *(getattr(self, name) for name in self.identity))

    def encode(self) -> bytes:
        """Write the value as JSON, in field order."""
        return self.model_dump_json().encode()

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Read a value; raises `pydantic.ValidationError` where it is not one of this type."""
        return cls.model_validate_json(value)


class ContactEvent(Event):
    """An event about one contact, in that contact's order."""

    contact_id: UUID


class LeadEvent(ContactEvent):
    """An event about one lead: the `cycle`-th (from 1) qualification episode of a contact."""

    lead_id: UUID
    cycle: int


class Decision(Event):
    """An event that a playbook decided, and which version of it."""

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
    def read(cls, headers: Iterable[tuple[str, bytes]]) -> Self:
        """Read the attributes; raises `ValueError` where one is missing or malformed."""
        found: Mapping[str, bytes] = dict(headers)
        try:
            time = datetime.fromisoformat(found["ce_time"].decode())
            if time.tzinfo is None:
                msg = "ce_time has no zone"
                raise ValueError(msg)
            return cls(
                id=found["ce_id"].decode(),
                type=found["ce_type"].decode(),
                source=found["ce_source"].decode(),
                time=time,
                sequence=int(found.get("ce_sequence", b"0")),
                traceparent=found["traceparent"].decode() if "traceparent" in found else None,
            )
        except KeyError as missing:
            msg = f"header {missing} is missing"
            raise ValueError(msg) from None
