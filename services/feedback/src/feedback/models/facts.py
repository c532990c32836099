"""What is known of leads and contacts beside their state, a row each."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Double, Index, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from events.parts import JsonObject
from events.runtime.columns import INSTANT, nullable, primary, required
from feedback.models.tables import Table


class EvidenceRow(Table, table=True):
    """Why a lead qualified: both axes, as scoring published them."""

    __tablename__: ClassVar[Any] = "evidence"
    __table_args__: ClassVar[Any] = (Index("ix_evidence_contact_id", "contact_id"),)

    lead_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    published_at: datetime = required(INSTANT, "said_at")
    email_domain: str | None = nullable(Text)
    fit: JsonObject = required(JSONB)
    readiness: JsonObject = required(JSONB)


class HistoryRow(Table, table=True):
    """One thing that happened to a lead, as it was reported. Never changed."""

    __tablename__: ClassVar[Any] = "history"
    __table_args__: ClassVar[Any] = (
        Index("ix_history_lead_id", "lead_id", "at"),
        Index("ix_history_contact_id", "contact_id"),
    )

    entry_id: UUID = primary(Uuid)
    lead_id: UUID = required(Uuid)
    contact_id: UUID = required(Uuid)
    kind: str = required(Text)
    at: datetime = required(INSTANT)
    recorded_at: datetime = required(INSTANT)
    by: str | None = nullable(Text)
    details: JsonObject = required(JSONB)


class NoteRow(Table, table=True):
    """What a person wrote: the note and the context. It leaves this table only to a caller who asks for the lead."""

    __tablename__: ClassVar[Any] = "notes"
    __table_args__: ClassVar[Any] = (
        Index("ix_notes_lead_id", "lead_id"),
        Index("ix_notes_contact_id", "contact_id"),
    )

    action_id: UUID = primary(Uuid)
    lead_id: UUID = required(Uuid)
    contact_id: UUID = required(Uuid)
    at: datetime = required(INSTANT)
    by: str = required(Text)
    note: str | None = nullable(Text)
    context: JsonObject = required(JSONB)


class SignalRow(Table, table=True):
    """One engagement of a contact: what may wake it."""

    __tablename__: ClassVar[Any] = "signals"
    __table_args__: ClassVar[Any] = (Index("ix_signals_contact_id", "contact_id", "at"),)

    engagement_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    at: datetime = required(INSTANT)
    hand_raise: bool
    source: str | None = nullable(Text)
    campaign: str | None = nullable(Text)


class CustomerChangeRow(Table, table=True):
    """What customer success reported of a customer, whether we know the lead that won it or not."""

    __tablename__: ClassVar[Any] = "customer_changes"
    __table_args__: ClassVar[Any] = (Index("ix_customer_changes_contact_id", "contact_id"),)

    action_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    lead_id: UUID | None = nullable(Uuid)
    change: str = required(Text)
    amount: float | None = nullable(Double)
    at: datetime = required(INSTANT)
    by: str = required(Text)


class IdentityRow(Table, table=True):
    """A keyed hash of an e-mail, a phone or another system's id, and whose it is. It names nobody to who reads it."""

    __tablename__: ClassVar[Any] = "identities"
    __table_args__: ClassVar[Any] = (Index("ix_identities_contact_id", "contact_id"),)

    key: str = primary(Text)
    contact_id: UUID = required(Uuid)
    learned: bool
    """From an activity, not from a profile."""


class ActivityRow(Table, table=True):
    """A touch from another system, of an unknown contact."""

    __tablename__: ClassVar[Any] = "activities"

    source: str = primary(Text)
    external_id: str = primary(Text)
    at: datetime = required(INSTANT)
    by: str = required(Text)
    touch: JsonObject = required(JSONB)
    keys: list[str] = required(JSONB)
    problem: str = required(Text)
    recorded_at: datetime = required(INSTANT)


class CampaignRow(Table, table=True):
    """A campaign as marketing announced it: its name and what was spent, for the funnel."""

    __tablename__: ClassVar[Any] = "campaigns"

    campaign: str = primary(Text)
    revision: int = required(Integer)
    name: str = required(Text)
    starts_at: datetime | None = nullable(INSTANT)
    ends_at: datetime | None = nullable(INSTANT)
    spend: float | None = nullable(Double)


class AccountRow(Table, table=True):
    """A company as announced, by its registrable domain: shown beside its leads."""

    __tablename__: ClassVar[Any] = "accounts"

    domain: str = primary(Text)
    revision: int = required(Integer)
    name: str | None = nullable(Text)
    kind: str = required(Text)
    owner: str | None = nullable(Text)
