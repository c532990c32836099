"""What is known of leads and contacts beside their state, a row each."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, Index
from sqlmodel import Field

from feedback.models.columns import Table, count, document, instant, number, text, uuid


class Evidence(Table, table=True):
    """Why a lead qualified: both axes, as scoring published them."""

    __tablename__: ClassVar[Any] = "evidence"
    __table_args__: ClassVar[Any] = (Index("ix_evidence_contact_id", "contact_id"),)

    lead_id: UUID = uuid(key=True)
    contact_id: UUID = uuid()
    published_at: datetime = Field(sa_column=Column("said_at", DateTime(timezone=True), nullable=False))
    email_domain: str | None = text()
    fit: dict[str, Any] = document()
    readiness: dict[str, Any] = document()


class HistoryRow(Table, table=True):
    """One thing that happened to a lead, as it was reported. Never changed."""

    __tablename__: ClassVar[Any] = "history"
    __table_args__: ClassVar[Any] = (
        Index("ix_history_lead_id", "lead_id", "at"),
        Index("ix_history_contact_id", "contact_id"),
    )

    entry_id: UUID = uuid(key=True)
    lead_id: UUID = uuid()
    contact_id: UUID = uuid()
    kind: str = text(required=True)
    at: datetime = instant(required=True)
    recorded_at: datetime = instant(required=True)
    by: str | None = text()
    details: dict[str, Any] = document()


class NoteRow(Table, table=True):
    """What a person wrote: the note and the context. It leaves this table only to a caller who asks for the lead."""

    __tablename__: ClassVar[Any] = "notes"
    __table_args__: ClassVar[Any] = (
        Index("ix_notes_lead_id", "lead_id"),
        Index("ix_notes_contact_id", "contact_id"),
    )

    action_id: UUID = uuid(key=True)
    lead_id: UUID = uuid()
    contact_id: UUID = uuid()
    at: datetime = instant(required=True)
    by: str = text(required=True)
    note: str | None = text()
    context: dict[str, Any] = document()


class Signal(Table, table=True):
    """One engagement of a contact: what may wake it."""

    __tablename__: ClassVar[Any] = "signals"
    __table_args__: ClassVar[Any] = (Index("ix_signals_contact_id", "contact_id", "at"),)

    engagement_id: UUID = uuid(key=True)
    contact_id: UUID = uuid()
    at: datetime = instant(required=True)
    hand_raise: bool
    source: str | None = text()
    campaign: str | None = text()


class CustomerChange(Table, table=True):
    """What customer success reported of a customer, whether we know the lead that won it or not."""

    __tablename__: ClassVar[Any] = "customer_changes"
    __table_args__: ClassVar[Any] = (Index("ix_customer_changes_contact_id", "contact_id"),)

    action_id: UUID = uuid(key=True)
    contact_id: UUID = uuid()
    lead_id: UUID | None = uuid(required=False)
    change: str = text(required=True)
    amount: float | None = number()
    at: datetime = instant(required=True)
    by: str = text(required=True)


class Identity(Table, table=True):
    """A keyed hash of an e-mail, a phone or another system's id, and whose it is. It names nobody to who reads it."""

    __tablename__: ClassVar[Any] = "identities"
    __table_args__: ClassVar[Any] = (Index("ix_identities_contact_id", "contact_id"),)

    key: str = text(key=True)
    contact_id: UUID = uuid()
    learned: bool
    """From an activity, not from a profile."""


class ActivityRow(Table, table=True):
    """A touch from another system, of an unknown contact."""

    __tablename__: ClassVar[Any] = "activities"

    source: str = text(key=True)
    external_id: str = text(key=True)
    at: datetime = instant(required=True)
    by: str = text(required=True)
    touch: dict[str, Any] = document()
    keys: list[str] = document()
    problem: str = text(required=True)
    recorded_at: datetime = instant(required=True)


class Campaign(Table, table=True):
    """A campaign as marketing announced it: its name and what was spent, for the funnel."""

    __tablename__: ClassVar[Any] = "campaigns"

    campaign: str = text(key=True)
    revision: int = count()
    name: str = text(required=True)
    starts_at: datetime | None = instant()
    ends_at: datetime | None = instant()
    spend: float | None = number()


class Account(Table, table=True):
    """A company as announced, by its registrable domain: shown beside its leads."""

    __tablename__: ClassVar[Any] = "accounts"

    domain: str = text(key=True)
    revision: int = count()
    name: str | None = text()
    kind: str = text(required=True)
    owner: str | None = text()
