"""The service's tables. A lead's facts, and beside them, for lists and counts, what they amount to."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy
from sqlalchemy import CheckConstraint, Column, Date, DateTime, Double, Index, Integer, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from feedback.domain.funnel import MEASURES

STATES = ("mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified")
SIDES = ("marketing", "sales", "customer_success", "nobody")


def _one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} in ({listed})", name=f"ck_leads_{column}")


def _uuid(*, key: bool = False, required: bool = True) -> Any:
    return Field(sa_column=Column(Uuid, primary_key=key, nullable=not required))


def _text(*, key: bool = False, required: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Text, primary_key=key, nullable=not (required or key)))


def _instant(*, required: bool = False) -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=not required))


def _count() -> Any:
    return Field(default=0, sa_column=Column(Integer, nullable=False))


def _number() -> Any:
    return Field(default=None, sa_column=Column(Double, nullable=True))


def _json(*, required: bool = True) -> Any:
    return Field(default=None, sa_column=Column(JSONB, nullable=not required))


class Table(SQLModel, registry=registry()):
    """The base of this service's tables: a registry of its own, since other services have a `leads` too."""


class Person(Table, table=True):
    """One contact: where it came from, its latest signals, and the revision of its snapshot."""

    __tablename__: ClassVar[Any] = "people"

    contact_id: UUID = _uuid(key=True)
    revision: int = _count()
    origin: str | None = _text()
    origin_at: datetime | None = _instant()
    origin_from: UUID | None = _uuid(required=False)
    raised_at: datetime | None = _instant()
    engaged_at: datetime | None = _instant()
    engagements: int = _count()
    stage: str | None = _text()


class LeadRow(Table, table=True):
    """One lead: its facts, and what they amount to."""

    __tablename__: ClassVar[Any] = "leads"
    __table_args__: ClassVar[Any] = (
        _one_of("state", STATES),
        _one_of("side", SIDES),
        Index("ix_leads_contact_id", "contact_id"),
        Index("ix_leads_state", "state", "lead_id"),
        Index("ix_leads_rep_id", "rep_id", "lead_id"),
        Index("ix_leads_queue", "queue", "lead_id"),
    )

    lead_id: UUID = _uuid(key=True)
    contact_id: UUID = _uuid()
    cycle: int = _count()
    heard_at: datetime = _instant(required=True)
    lead_type: str | None = _text()
    typed_at: datetime | None = _instant()
    outcome: str | None = _text()
    fit: str | None = _text()
    source: str | None = _text()
    campaign: str | None = _text()
    segment: str | None = _text()
    playbook_version: str | None = _text()
    qualified_at: datetime | None = _instant()
    captured_at: datetime | None = _instant()
    placement: int = _count()
    placed: str | None = _text()
    handed_over_at: datetime | None = _instant()
    rep_id: str | None = _text()
    team: str | None = _text()
    queue: str | None = _text()
    roles: dict[str, str] = _json()
    moves: list[dict[str, Any]] = _json()
    touches: int = _count()
    automated_touches: int = _count()
    first_touched_at: datetime | None = _instant()
    last_touched_at: datetime | None = _instant()
    answered_at: datetime | None = _instant()
    path: list[Any] = _json()
    review_opened_at: datetime | None = _instant()
    review_closed_at: datetime | None = _instant()
    rang_at: datetime | None = _instant()
    alarm_at: datetime | None = _instant()
    stalls_at: datetime | None = _instant()
    woken_at: datetime | None = _instant()
    said_end: UUID | None = _uuid(required=False)
    said_woken: UUID | None = _uuid(required=False)
    state: str = _text(required=True)
    side: str = _text(required=True)
    since: datetime = _instant(required=True)
    accepted_at: datetime | None = _instant()
    sal_at: datetime | None = _instant()
    confirmed_at: datetime | None = _instant()
    opportunity_at: datetime | None = _instant()
    won_at: datetime | None = _instant()
    lost_at: datetime | None = _instant()
    ended_at: datetime | None = _instant()
    amount: float | None = _number()
    revenue: float = Field(default=0.0, sa_column=Column(Double, nullable=False))
    ended_by: str | None = _text()
    reason: str | None = _text()
    track: str | None = _text()
    wake_at: datetime | None = _instant()


class Evidence(Table, table=True):
    """Why a lead qualified: both axes, as scoring said it."""

    __tablename__: ClassVar[Any] = "evidence"
    __table_args__: ClassVar[Any] = (Index("ix_evidence_contact_id", "contact_id"),)

    lead_id: UUID = _uuid(key=True)
    contact_id: UUID = _uuid()
    said_at: datetime = _instant(required=True)
    email_domain: str | None = _text()
    fit: dict[str, Any] = _json()
    readiness: dict[str, Any] = _json()


class HistoryRow(Table, table=True):
    """One thing that happened to a lead, as it was told. Never changed."""

    __tablename__: ClassVar[Any] = "history"
    __table_args__: ClassVar[Any] = (
        Index("ix_history_lead_id", "lead_id", "at"),
        Index("ix_history_contact_id", "contact_id"),
    )

    entry_id: UUID = _uuid(key=True)
    lead_id: UUID = _uuid()
    contact_id: UUID = _uuid()
    kind: str = _text(required=True)
    at: datetime = _instant(required=True)
    recorded_at: datetime = _instant(required=True)
    by: str | None = _text()
    details: dict[str, Any] = _json()


class NoteRow(Table, table=True):
    """What a person wrote: the note and the context. It leaves this table only to a caller who asks for the lead."""

    __tablename__: ClassVar[Any] = "notes"
    __table_args__: ClassVar[Any] = (
        Index("ix_notes_lead_id", "lead_id"),
        Index("ix_notes_contact_id", "contact_id"),
    )

    action_id: UUID = _uuid(key=True)
    lead_id: UUID = _uuid()
    contact_id: UUID = _uuid()
    at: datetime = _instant(required=True)
    by: str = _text(required=True)
    note: str | None = _text()
    context: dict[str, Any] = _json()


class Signal(Table, table=True):
    """One engagement of a contact: what may wake it."""

    __tablename__: ClassVar[Any] = "signals"
    __table_args__: ClassVar[Any] = (Index("ix_signals_contact_id", "contact_id", "at"),)

    engagement_id: UUID = _uuid(key=True)
    contact_id: UUID = _uuid()
    at: datetime = _instant(required=True)
    hand_raise: bool
    source: str | None = _text()
    campaign: str | None = _text()


class CustomerChange(Table, table=True):
    """What customer success told of a customer, whether we know the lead that won it or not."""

    __tablename__: ClassVar[Any] = "customer_changes"
    __table_args__: ClassVar[Any] = (Index("ix_customer_changes_contact_id", "contact_id"),)

    action_id: UUID = _uuid(key=True)
    contact_id: UUID = _uuid()
    lead_id: UUID | None = _uuid(required=False)
    change: str = _text(required=True)
    amount: float | None = _number()
    at: datetime = _instant(required=True)
    by: str = _text(required=True)


class FeedbackRow(Table, table=True):
    """What sales told marketing, with its words: they leave this table only to a caller who asks."""

    __tablename__: ClassVar[Any] = "feedbacks"
    __table_args__: ClassVar[Any] = (Index("ix_feedbacks_at", "at"), Index("ix_feedbacks_contact_id", "contact_id"))

    feedback_id: UUID = _uuid(key=True)
    contact_id: UUID | None = _uuid(required=False)
    about: str = _text(required=True)
    campaign: str | None = _text()
    topic: str | None = _text()
    content: str | None = _text()
    note: str | None = _text()
    at: datetime = _instant(required=True)
    by: str = _text(required=True)
    answered_at: datetime | None = _instant()


TALLIES = sqlalchemy.Table(
    "tallies",
    Table.metadata,
    Column("dimension", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("group", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("shard", SmallInteger, primary_key=True),
    *(Column(name, Double, nullable=False) for name in MEASURES),
)
"""Sums of the funnel: what the leads of one group and one cohort day amount to. Names nobody."""


class Identity(Table, table=True):
    """A keyed hash of an e-mail, a phone or another system's id, and whose it is. It names nobody to who reads it."""

    __tablename__: ClassVar[Any] = "identities"
    __table_args__: ClassVar[Any] = (Index("ix_identities_contact_id", "contact_id"),)

    key: str = _text(key=True)
    contact_id: UUID = _uuid()
    learned: bool
    """From an activity, not from a profile."""


class ActivityRow(Table, table=True):
    """A touch that another system told, and nobody knows yet whom it was about."""

    __tablename__: ClassVar[Any] = "activities"

    source: str = _text(key=True)
    external_id: str = _text(key=True)
    at: datetime = _instant(required=True)
    by: str = _text(required=True)
    touch: dict[str, Any] = _json()
    keys: list[str] = _json()
    problem: str = _text(required=True)
    recorded_at: datetime = _instant(required=True)


class ProposalRow(Table, table=True):
    """A change of a playbook that somebody proposed because of what sales said."""

    __tablename__: ClassVar[Any] = "proposals"

    proposal_id: UUID = _uuid(key=True)
    service: str = _text(required=True)
    change: str = _text(required=True)
    diff: str = _text(required=True)
    playbook_version: str = _text(required=True)
    simulation: dict[str, Any] = _json()
    reason: str | None = _text()
    campaign: str | None = _text()
    topic: str | None = _text()
    trend: list[dict[str, Any]] = _json()
    state: str = _text(required=True)
    approvals: dict[str, Any] = _json()
    proposed_by: str = _text(required=True)
    proposed_at: datetime = _instant(required=True)
    activated_at: datetime | None = _instant()


class ProposalSource(Table, table=True):
    """Whose word led to a proposal, and so who is answered."""

    __tablename__: ClassVar[Any] = "proposal_sources"
    __table_args__: ClassVar[Any] = (Index("ix_proposal_sources_contact_id", "contact_id"),)

    proposal_id: UUID = _uuid(key=True)
    feedback_id: UUID = _uuid(key=True)
    contact_id: UUID | None = _uuid(required=False)
    campaign: str | None = _text()
    rep_id: str | None = _text()


class Activation(Table, table=True):
    """Since when a version of a service's playbook was in force first."""

    __tablename__: ClassVar[Any] = "activations"

    service: str = _text(key=True)
    version: str = _text(key=True)
    activated_at: datetime = _instant(required=True)


class Campaign(Table, table=True):
    """A campaign as marketing announced it: its name and what was spent, for the funnel."""

    __tablename__: ClassVar[Any] = "campaigns"

    campaign: str = _text(key=True)
    revision: int = _count()
    name: str = _text(required=True)
    starts_at: datetime | None = _instant()
    ends_at: datetime | None = _instant()
    spend: float | None = _number()


class Account(Table, table=True):
    """A company as announced, by its registrable domain: shown beside its leads."""

    __tablename__: ClassVar[Any] = "accounts"

    domain: str = _text(key=True)
    revision: int = _count()
    name: str | None = _text()
    kind: str = _text(required=True)
    owner: str | None = _text()


class ErasedLead(Table, table=True):
    """A lead of a person who asked to be forgotten: only that it was, so that a late fact does not bring it back."""

    __tablename__: ClassVar[Any] = "erased_leads"

    lead_id: UUID = _uuid(key=True)


class ErasedPerson(Table, table=True):
    """A contact who asked to be forgotten: a key that nobody can compute, and when."""

    __tablename__: ClassVar[Any] = "erased_people"

    contact_id: UUID = _uuid(key=True)
    erased_at: datetime = _instant(required=True)
