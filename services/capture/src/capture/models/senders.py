"""Who sends: what keys are bound to, devices that scan, and submissions that are none yet or never."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from capture.domain.submission import Values
from capture.models.tables import Table
from events.parts import JsonObject
from events.runtime.columns import INSTANT, nullable, primary, required


class QuarantinedSubmissions(Table, table=True):
    """A submission that a program seems to have sent; the sender knows its id as that of the engagement."""

    __tablename__ = "quarantined"

    quarantine_id: UUID = primary(Uuid)
    received_at: datetime = required(INSTANT)
    reason: str = required(Text)
    form: str = required(Text)
    names: list[UUID] = required(ARRAY(Uuid))
    """The keyed names of the person, so that an erasure finds the submission."""
    submission: Values | None = nullable(JSONB)
    state: str = required(Text)
    settled_at: datetime | None = nullable(INSTANT)
    settled_by: str | None = nullable(Text)
    answer: dict[str, str] | None = nullable(JSONB)
    """What a release came to."""


class KeyBindings(Table, table=True):
    """What a key is bound to: a form and the origins that may use it, or a source."""

    __tablename__ = "key_bindings"

    key_id: str = primary(Text)
    form: str | None = nullable(Text)
    """None: every form."""
    origins: list[str] = required(ARRAY(Text))
    source: str | None = nullable(Text)


class ScannerPairings(Table, table=True):
    """A link that makes a phone a scanner, once, and the key that the phone drew for itself."""

    __tablename__ = "scanner_pairings"

    pairing_id: UUID = primary(Uuid)
    code_hash: str = required(Text, unique=True)
    """SHA-256 of what stands in the link."""
    event: str = required(Text)
    label: str = required(Text)
    created_at: datetime = required(INSTANT)
    created_by: str = required(Text)
    expires_at: datetime = required(INSTANT)
    """In real time, as keys end."""
    paired_at: datetime | None = nullable(INSTANT)
    key_id: str | None = nullable(Text)
    ended_at: datetime | None = nullable(INSTANT)
    ended_by: str | None = nullable(Text)


class FormTests(Table, table=True):
    """A form that was filled in as a test: what would have been published, and nothing that was."""

    __tablename__ = "form_tests"

    test_id: UUID = primary(Uuid)
    form: str = required(Text)
    received_at: datetime = required(INSTANT)
    key_id: str | None = nullable(Text)
    origin: str | None = nullable(Text)
    language: str = required(Text)
    suspicion: str | None = nullable(Text)
    """Why it would have been put in quarantine."""
    captured: JsonObject = required(JSONB)
