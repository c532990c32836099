"""Contacts and their leads: the facts, and beside them, for lists and counts, what they amount to."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Double, Index, Uuid
from sqlmodel import Field

from feedback.models.columns import Table, count, document, instant, number, text, uuid

STATES = ("mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified")
SIDES = ("marketing", "sales", "customer_success", "nobody")


def _any_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"ck_leads_{column}")


class Person(Table, table=True):
    """One contact: where it came from, its latest signals, and the revision of its snapshot."""

    __tablename__: ClassVar[Any] = "people"

    contact_id: UUID = uuid(key=True)
    revision: int = count()
    origin: str | None = text()
    origin_at: datetime | None = instant()
    origin_from: UUID | None = uuid(required=False)
    raised_at: datetime | None = instant()
    engaged_at: datetime | None = instant()
    engagements: int = count()
    employees: int | None = Field(default=None, sa_column=Column(BigInteger))
    employees_at: datetime | None = instant()
    stage: str | None = text()


class LeadRow(Table, table=True):
    """One lead: its facts, and what they amount to."""

    __tablename__: ClassVar[Any] = "leads"
    __table_args__: ClassVar[Any] = (
        _any_of("state", STATES),
        _any_of("side", SIDES),
        Index("ix_leads_contact_id", "contact_id"),
        Index("ix_leads_state", "state", "lead_id"),
        Index("ix_leads_rep_id", "rep_id", "lead_id"),
        Index("ix_leads_queue", "queue", "lead_id"),
    )

    lead_id: UUID = uuid(key=True)
    contact_id: UUID = uuid()
    cycle: int = count()
    heard_at: datetime = instant(required=True)
    lead_type: str | None = text()
    typed_at: datetime | None = instant()
    outcome: str | None = text()
    fit: str | None = text()
    source: str | None = text()
    campaign: str | None = text()
    segment: str | None = text()
    company: str | None = text()
    playbook_version: str | None = text()
    qualified_at: datetime | None = instant()
    captured_at: datetime | None = instant()
    placement: int = count()
    placed: str | None = text()
    handed_over_at: datetime | None = instant()
    rep_id: str | None = text()
    team: str | None = text()
    queue: str | None = text()
    roles: dict[str, str] = document()
    moves: list[dict[str, Any]] = document()
    touches: int = count()
    automated_touches: int = count()
    first_touched_at: datetime | None = instant()
    last_touched_at: datetime | None = instant()
    answered_at: datetime | None = instant()
    path: list[Any] = document()
    review_opened_at: datetime | None = instant()
    review_closed_at: datetime | None = instant()
    rang_at: datetime | None = instant()
    alarm_at: datetime | None = instant()
    stalls_at: datetime | None = instant()
    woken_at: datetime | None = instant()
    published_end: UUID | None = Field(sa_column=Column("said_end", Uuid))
    published_wake: UUID | None = Field(sa_column=Column("said_woken", Uuid))
    state: str = text(required=True)
    side: str = text(required=True)
    since: datetime = instant(required=True)
    accepted_at: datetime | None = instant()
    sal_at: datetime | None = instant()
    confirmed_at: datetime | None = instant()
    opportunity_at: datetime | None = instant()
    won_at: datetime | None = instant()
    lost_at: datetime | None = instant()
    ended_at: datetime | None = instant()
    amount: float | None = number()
    revenue: float = Field(default=0.0, sa_column=Column(Double, nullable=False))
    ended_by: str | None = text()
    reason: str | None = text()
    track: str | None = text()
    wake_at: datetime | None = instant()


class ErasedLead(Table, table=True):
    """A lead of a person who asked to be forgotten: only that it was, so that a late fact does not bring it back."""

    __tablename__: ClassVar[Any] = "erased_leads"

    lead_id: UUID = uuid(key=True)


class ErasedPerson(Table, table=True):
    """A contact who asked to be forgotten: a key that nobody can compute, and when."""

    __tablename__: ClassVar[Any] = "erased_people"

    contact_id: UUID = uuid(key=True)
    erased_at: datetime = instant(required=True)
