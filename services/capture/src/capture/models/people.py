"""Contacts and what they did. Direct identifiers stand in `profiles` and `engagements` alone, by their contact."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from capture.models.tables import Table
from events.parts import JsonObject, Scalar
from events.runtime.columns import INSTANT, nullable, primary, required


class KeyOwners(Table, table=True):
    """Whom a keyed name (of an e-mail, of a phone) belongs to. Survives an erasure, with nobody behind it."""

    __tablename__ = "identities"

    key: UUID = primary(Uuid)
    contact_id: UUID | None = nullable(Uuid, index=True)
    incarnation: int = required(Integer, server_default="0")


class Profiles(Table, table=True):
    """What is known of each contact now; `fact_times` is when each fact was last sent, `consents` the last answers."""

    __tablename__ = "profiles"

    contact_id: UUID = primary(Uuid)
    revision: int = required(Integer)
    first_seen_at: datetime = required(INSTANT)
    fact_times: dict[str, str] = required(JSONB, "told")
    engagements: int = required(Integer)
    email: str | None = nullable(Text)
    email_ascii: str | None = nullable(Text)
    email_domain: str | None = nullable(Text)
    email_kind: str | None = nullable(Text)
    phone: str | None = nullable(Text)
    first_name: str | None = nullable(Text)
    last_name: str | None = nullable(Text)
    company: str | None = nullable(Text)
    job_title: str | None = nullable(Text)
    country: str | None = nullable(Text)
    region: str | None = nullable(Text)
    postal_code: str | None = nullable(Text)
    industry: str | None = nullable(Text)
    employees: int | None = nullable(Integer)
    message: str | None = nullable(Text)
    """What the person wrote last."""
    referrer: str | None = nullable(Text)
    consents: list[JsonObject] = required(JSONB)
    suppressed: list[str] = required(JSONB, server_default="[]")


class Engagements(Table, table=True):
    """Everything that contacts did, as it was sent: the submission without the profile."""

    __tablename__ = "engagements"

    engagement_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    engagement: str = required(Text)
    source: str = required(Text)
    occurred_at: datetime = required(INSTANT)
    received_at: datetime = required(INSTANT)
    event_id: str | None = nullable(Text)
    repeat_key: UUID | None = nullable(Uuid)
    """The keyed name of (source, event_id) where the client gave one, else of what was said."""
    content: str | None = nullable(Text)
    campaign: str | None = nullable(Text)
    utm: dict[str, str] | None = nullable(JSONB)
    referrer: str | None = nullable(Text)
    talk_to_sales: bool = required(Boolean)
    talk_to_sales_when: str | None = nullable(Text)
    preference: str | None = nullable(Text)
    preferred_at: datetime | None = nullable(INSTANT)
    facts: dict[str, Scalar] = required(JSONB)
    out_of_audience: list[str] = required(JSONB, server_default="[]")


class Consents(Table, table=True):
    """Every answer ever given or withdrawn, named by what it says, so that the same answer is kept once."""

    __tablename__ = "consents"

    consent_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid, index=True)
    purpose: str = required(Text)
    channel: str | None = nullable(Text)
    granted: bool = required(Boolean)
    """Whether it holds: what waits for its confirmation does not."""
    state: str = required(Text, server_default="told")
    wording_version: str = required(Text)
    form_version: str | None = nullable(Text)
    at: datetime = required(INSTANT)
    source: str = required(Text)
    received_at: datetime = required(INSTANT)


class Erasures(Table, table=True):
    """Who was forgotten, and by whose key that was asked."""

    __tablename__ = "erasures"

    erasure_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid, index=True)
    requested_at: datetime = required(INSTANT)
    requested_by: str = required(Text)


class KeptApartContacts(Table, table=True):
    """Two contacts who were looked at and are two people; a row for each of the two."""

    __tablename__ = "kept_apart"

    contact_id: UUID = primary(Uuid)
    other_id: UUID = primary(Uuid, index=True)
    at: datetime = required(INSTANT)
    by: str = required(Text)
    """The key of whoever said so."""


class ErasureReceipts(Table, table=True):
    """Each service's receipt for an erasure."""

    __tablename__ = "receipts"

    erasure_id: UUID = primary(Uuid)
    service: str = primary(Text)
    rows: int = required(Integer)
    erased_at: datetime = required(INSTANT)


class Suppressions(Table, table=True):
    """A keyed name that must not be written to or called, by channel. Survives an erasure and names nobody."""

    __tablename__ = "suppressions"

    key: UUID = primary(Uuid)
    channel: str = primary(Text)
    reason: str = required(Text)
    since: datetime = required(INSTANT)
