"""Contacts and their leads: the facts, and beside them, for lists and counts, what they amount to."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Double, Index, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from events.parts import JsonObject
from events.runtime.columns import INSTANT, nullable, primary, required
from feedback.models.tables import Table

STATES = ("mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified")
SIDES = ("marketing", "sales", "customer_success", "nobody")


def _check_among(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"ck_leads_{column}")


class ContactRow(Table, table=True):
    """One contact: where it came from, its latest signals, and the revision of its snapshot."""

    __tablename__: ClassVar[Any] = "people"

    contact_id: UUID = primary(Uuid)
    revision: int = required(Integer)
    origin: str | None = nullable(Text)
    origin_at: datetime | None = nullable(INSTANT)
    origin_from: UUID | None = nullable(Uuid)
    raised_at: datetime | None = nullable(INSTANT)
    engaged_at: datetime | None = nullable(INSTANT)
    engagements: int = required(Integer)
    employees: int | None = nullable(BigInteger)
    employees_at: datetime | None = nullable(INSTANT)
    stage: str | None = nullable(Text)


class LeadRow(Table, table=True):
    """One lead: its facts, and what they amount to."""

    __tablename__: ClassVar[Any] = "leads"
    __table_args__: ClassVar[Any] = (
        _check_among("state", STATES),
        _check_among("side", SIDES),
        Index("ix_leads_contact_id", "contact_id"),
        Index("ix_leads_state", "state", "lead_id"),
        Index("ix_leads_rep_id", "rep_id", "lead_id"),
        Index("ix_leads_queue", "queue", "lead_id"),
    )

    lead_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    cycle: int = required(Integer)
    heard_at: datetime = required(INSTANT)
    lead_type: str | None = nullable(Text)
    typed_at: datetime | None = nullable(INSTANT)
    outcome: str | None = nullable(Text)
    fit: str | None = nullable(Text)
    source: str | None = nullable(Text)
    campaign: str | None = nullable(Text)
    segment: str | None = nullable(Text)
    company: str | None = nullable(Text)
    playbook_version: str | None = nullable(Text)
    qualified_at: datetime | None = nullable(INSTANT)
    captured_at: datetime | None = nullable(INSTANT)
    asked_at: datetime | None = nullable(INSTANT)
    waits_until: datetime | None = nullable(INSTANT)
    requested_times: list[Any] = required(JSONB, server_default="[]")
    placement: int = required(Integer)
    placed: str | None = nullable(Text)
    handed_over_at: datetime | None = nullable(INSTANT)
    rep_id: str | None = nullable(Text)
    team: str | None = nullable(Text)
    queue: str | None = nullable(Text)
    roles: dict[str, str] = required(JSONB)
    moves: list[JsonObject] = required(JSONB)
    touches: int = required(Integer)
    touch_times: list[str] = required(JSONB, server_default="[]")
    automated_touches: int = required(Integer)
    first_touched_at: datetime | None = nullable(INSTANT)
    last_touched_at: datetime | None = nullable(INSTANT)
    answered_at: datetime | None = nullable(INSTANT)
    path: list[Any] = required(JSONB)
    review_opened_at: datetime | None = nullable(INSTANT)
    review_closed_at: datetime | None = nullable(INSTANT)
    rang_at: datetime | None = nullable(INSTANT)
    alarm_at: datetime | None = nullable(INSTANT)
    stalls_at: datetime | None = nullable(INSTANT)
    woken_at: datetime | None = nullable(INSTANT)
    published_end: UUID | None = nullable(Uuid, "said_end")
    published_wake: UUID | None = nullable(Uuid, "said_woken")
    state: str = required(Text)
    side: str = required(Text)
    since: datetime = required(INSTANT)
    accepted_at: datetime | None = nullable(INSTANT)
    sal_at: datetime | None = nullable(INSTANT)
    confirmed_at: datetime | None = nullable(INSTANT)
    opportunity_at: datetime | None = nullable(INSTANT)
    won_at: datetime | None = nullable(INSTANT)
    lost_at: datetime | None = nullable(INSTANT)
    ended_at: datetime | None = nullable(INSTANT)
    amount: float | None = nullable(Double)
    revenue: float = required(Double)
    ended_by: str | None = nullable(Text)
    reason: str | None = nullable(Text)
    track: str | None = nullable(Text)
    wake_at: datetime | None = nullable(INSTANT)


class ErasedLeadRow(Table, table=True):
    """A lead of a person who asked to be forgotten: only that it was, so that a late fact does not bring it back."""

    __tablename__: ClassVar[Any] = "erased_leads"

    lead_id: UUID = primary(Uuid)


class ErasedContactRow(Table, table=True):
    """A contact who asked to be forgotten: a key that nobody can compute, and when."""

    __tablename__: ClassVar[Any] = "erased_people"

    contact_id: UUID = primary(Uuid)
    erased_at: datetime = required(INSTANT)
