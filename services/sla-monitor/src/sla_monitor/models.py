"""Sla-monitor's tables: leads with what is known of them, and the clocks computed from that."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from events.parts import JsonObject
from events.runtime.columns import INSTANT, nullable, primary, required


class Table(SQLModel, registry=registry()):
    """The tables of this service, in a registry of their own: other services have tables of the same names."""


class LeadRow(Table, table=True):
    """What is known of one lead, as a set of facts; a lead may be half known."""

    __tablename__ = "leads"

    lead_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    cycle: int = required(Integer)
    facts: JsonObject = required(JSONB)
    handed_over_at: datetime | None = nullable(INSTANT)
    ended_at: datetime | None = nullable(INSTANT)
    next_at: datetime | None = nullable(INSTANT)
    """When its timer is set to."""
    qualified_at: datetime | None = nullable(INSTANT)
    lead_type: str | None = nullable(Text)
    source: str | None = nullable(Text)
    segment: str | None = nullable(Text)
    fit: str | None = nullable(Text)
    company: str | None = nullable(Text)
    lacks: str | None = nullable(Text)
    """Which parts of the context did not come with it."""
    rep_id: str | None = nullable(Text)
    team: str | None = nullable(Text)
    touches: int = required(Integer)
    """How often a human reached out."""
    outcome: bool = required(Boolean)
    """Whether it ever had an opportunity or was won."""
    waits_until: datetime | None = nullable(INSTANT)
    """Until when its contact waits for the time that they asked for."""
    odd: list[Any] | None = nullable(JSONB)
    """What looks odd about how it was worked."""
    promises: int = required(Integer)
    """How often its open promises were published."""


class ClockRow(Table, table=True):
    """One run of one clock. The columns are those of `domain.StoredClock`."""

    __tablename__ = "clocks"

    clock_id: UUID = primary(Uuid)
    lead_id: UUID = required(Uuid)
    contact_id: UUID = required(Uuid)
    cycle: int = required(Integer)
    clock: str = required(Text)
    run: int = required(Integer)
    policy: str = required(Text)
    playbook_version: str = required(Text)
    lead_type: str = required(Text)
    rep_id: str | None = nullable(Text)
    team: str | None = nullable(Text)
    started_at: datetime = required(INSTANT)
    warn_at: datetime | None = nullable(INSTANT)
    due_at: datetime | None = nullable(INSTANT)
    paused_until: datetime | None = nullable(INSTANT)
    met_at: datetime | None = nullable(INSTANT)
    closed_at: datetime | None = nullable(INSTANT)
    state: str = required(Text)
    warned_at: datetime | None = nullable(INSTANT)
    breached_at: datetime | None = nullable(INSTANT)
    kept_at: datetime | None = nullable(INSTANT)
    rescinded_at: datetime | None = nullable(INSTANT)
    escalations: int = required(Integer)
    reassigned: bool = required(Boolean)
    warnings: int = required(Integer)


class RepCalendarRow(Table, table=True):
    """One revision of when a rep works, as routing published it."""

    __tablename__ = "rep_calendars"

    event_id: UUID = primary(Uuid)
    rep_id: str = required(Text)
    revision: int = required(Integer)
    since: datetime = required(INSTANT)
    content: str = required(Text)
    """The event."""


class CommentRow(Table, table=True):
    """A comment on a lead under review."""

    __tablename__ = "comments"

    comment_id: UUID = primary(Uuid)
    lead_id: UUID = required(Uuid)
    contact_id: UUID = required(Uuid)
    at: datetime = required(INSTANT)
    by: str = required(Text)
    comment: str = required(Text)


class WebhookRow(Table, table=True):
    """A webhook. The columns are those of `domain.webhook_messages.Webhook`."""

    __tablename__ = "webhooks"

    name: str = primary(Text)
    url: str = required(Text)
    events: list[str] = required(ARRAY(Text))
    teams: list[str] = required(ARRAY(Text))
    clocks: list[str] = required(ARRAY(Text))
    each_hour: int = required(Integer)
    generation: int = required(Integer)
    disabled_at: datetime | None = nullable(INSTANT)


class DeliveryRow(Table, table=True):
    """A message to a webhook. All its instants are real time, as the receiver's are."""

    __tablename__ = "deliveries"

    delivery_id: UUID = primary(Uuid)
    webhook: str = required(Text)
    contact_id: UUID | None = nullable(Uuid)
    kind: str = required(Text)
    body: str = required(Text)
    made_at: datetime = required(INSTANT)
    released_at: datetime | None = nullable(INSTANT)
    """When it got leave to be sent on its own."""
    collected: bool = required(Boolean)
    """Whether it waits for the hour's digest instead."""
    due_at: datetime | None = nullable(INSTANT)
    """When to try (again); null when there is nothing left to do."""
    attempts: int = required(Integer)
    sent_at: datetime | None = nullable(INSTANT)
    failed_at: datetime | None = nullable(INSTANT)
    last_error: str | None = nullable(Text)
    digest_id: UUID | None = nullable(Uuid)


class ErasedContactRow(Table, table=True):
    """A contact who was erased: later events about them start no clock."""

    __tablename__ = "erasures"

    contact_id: UUID = primary(Uuid)
    erased_at: datetime = required(INSTANT)
