"""Sla-monitor's tables: leads with what is known of them, and the clocks computed from that."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

Instant = sa.DateTime(timezone=True)


class Table(SQLModel, registry=registry()):
    """The tables of this service, in a registry of their own: other services have tables of the same names."""


class Lead(Table, table=True):
    """What is known of one lead, as a set of facts; a lead may be half known."""

    __tablename__ = "leads"

    lead_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    cycle: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    facts: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    handed_over_at: datetime | None = Field(sa_column=sa.Column(Instant))
    ended_at: datetime | None = Field(sa_column=sa.Column(Instant))
    next_at: datetime | None = Field(sa_column=sa.Column(Instant))
    """When its timer is set to."""
    qualified_at: datetime | None = Field(sa_column=sa.Column(Instant))
    lead_type: str | None = Field(sa_column=sa.Column(sa.Text))
    source: str | None = Field(sa_column=sa.Column(sa.Text))
    segment: str | None = Field(sa_column=sa.Column(sa.Text))
    fit: str | None = Field(sa_column=sa.Column(sa.Text))
    company: str | None = Field(sa_column=sa.Column(sa.Text))
    lacks: str | None = Field(sa_column=sa.Column(sa.Text))
    """Which parts of the context did not come with it."""
    rep_id: str | None = Field(sa_column=sa.Column(sa.Text))
    team: str | None = Field(sa_column=sa.Column(sa.Text))
    touches: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    """How often a human reached out."""
    outcome: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    """Whether it ever had an opportunity or was won."""
    odd: list[Any] | None = Field(sa_column=sa.Column(JSONB))
    """What looks odd about how it was worked."""
    promises: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    """How often its open promises were published."""


class ClockRow(Table, table=True):
    """One run of one clock. The columns are those of `domain.Clock`."""

    __tablename__ = "clocks"

    clock_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    lead_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    cycle: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    clock: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    run: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    policy: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    playbook_version: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    lead_type: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    rep_id: str | None = Field(sa_column=sa.Column(sa.Text))
    team: str | None = Field(sa_column=sa.Column(sa.Text))
    started_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    warn_at: datetime | None = Field(sa_column=sa.Column(Instant))
    due_at: datetime | None = Field(sa_column=sa.Column(Instant))
    paused_until: datetime | None = Field(sa_column=sa.Column(Instant))
    met_at: datetime | None = Field(sa_column=sa.Column(Instant))
    closed_at: datetime | None = Field(sa_column=sa.Column(Instant))
    state: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    warned_at: datetime | None = Field(sa_column=sa.Column(Instant))
    breached_at: datetime | None = Field(sa_column=sa.Column(Instant))
    kept_at: datetime | None = Field(sa_column=sa.Column(Instant))
    rescinded_at: datetime | None = Field(sa_column=sa.Column(Instant))
    escalations: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    reassigned: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    warnings: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))


class RepCalendarRow(Table, table=True):
    """One revision of when a rep works, as routing published it."""

    __tablename__ = "rep_calendars"

    event_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    rep_id: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    revision: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    since: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    content: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    """The event."""


class Comment(Table, table=True):
    """A comment on a lead under review."""

    __tablename__ = "comments"

    comment_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    lead_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    by: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    comment: str = Field(sa_column=sa.Column(sa.Text, nullable=False))


class WebhookRow(Table, table=True):
    """A webhook. The columns are those of `domain.webhook_messages.Webhook`."""

    __tablename__ = "webhooks"

    name: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    url: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    events: list[str] = Field(sa_column=sa.Column(sa.ARRAY(sa.Text), nullable=False))
    teams: list[str] = Field(sa_column=sa.Column(sa.ARRAY(sa.Text), nullable=False))
    clocks: list[str] = Field(sa_column=sa.Column(sa.ARRAY(sa.Text), nullable=False))
    each_hour: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    generation: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    disabled_at: datetime | None = Field(sa_column=sa.Column(Instant))


class Delivery(Table, table=True):
    """A message to a webhook. All its instants are real time, as the receiver's are."""

    __tablename__ = "deliveries"

    delivery_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    webhook: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    contact_id: UUID | None = Field(sa_column=sa.Column(sa.Uuid))
    kind: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    body: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    made_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    released_at: datetime | None = Field(sa_column=sa.Column(Instant))
    """When it got leave to be sent on its own."""
    collected: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    """Whether it waits for the hour's digest instead."""
    due_at: datetime | None = Field(sa_column=sa.Column(Instant))
    """When to try (again); null when there is nothing left to do."""
    attempts: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    sent_at: datetime | None = Field(sa_column=sa.Column(Instant))
    failed_at: datetime | None = Field(sa_column=sa.Column(Instant))
    last_error: str | None = Field(sa_column=sa.Column(sa.Text))
    digest_id: UUID | None = Field(sa_column=sa.Column(sa.Uuid))


class Erasure(Table, table=True):
    """A contact who was erased: later events about them start no clock."""

    __tablename__ = "erasures"

    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    erased_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
