"""The tables of the service: what contacts did, what became of them, their leads, and what companies are."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

Instant = sa.DateTime(timezone=True)


class Table(SQLModel, registry=registry()):
    """A table of this service. Services name their tables as they like, so each has a registry of its own."""


class EngagementRow(Table, table=True):
    """The columns of `domain.Engagement`, and the company's domain to find contacts by."""

    __tablename__ = "engagements"

    engagement_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    engagement: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    source: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    occurred_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    received_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    content: str | None = Field(sa_column=sa.Column(sa.Text))
    campaign: str | None = Field(sa_column=sa.Column(sa.Text))
    talk_to_sales: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    preference: str | None = Field(sa_column=sa.Column(sa.Text))
    preferred_at: datetime | None = Field(sa_column=sa.Column(Instant))
    email_domain: str | None = Field(sa_column=sa.Column(sa.Text))
    facts: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))


class LifecycleRow(Table, table=True):
    """The columns of `domain.LifecycleFact`."""

    __tablename__ = "turns"

    turn_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    kind: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    cycle: int | None = Field(sa_column=sa.Column(sa.Integer))
    reason: str | None = Field(sa_column=sa.Column(sa.Text))


class LeadRow(Table, table=True):
    """The columns of `domain.Lead`, in their order; `published_*` are the columns `told_*`."""

    __tablename__ = "leads"

    lead_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    cycle: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    lead_type: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    published_type: str = Field(sa_column=sa.Column("told_type", sa.Text, nullable=False))
    outcome: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    fit: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    by_request: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    engagement_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    opened_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    qualified_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    ended_at: datetime | None = Field(sa_column=sa.Column(Instant))
    cools_at: datetime | None = Field(sa_column=sa.Column(Instant))
    cooled_at: datetime | None = Field(sa_column=sa.Column(Instant))
    opened_as: str | None = Field(sa_column=sa.Column(sa.Text))
    published_fit: str | None = Field(sa_column=sa.Column("told_fit", sa.Text))
    published_level: int | None = Field(sa_column=sa.Column("told_level", sa.Integer))
    published_points: float | None = Field(sa_column=sa.Column("told_points", sa.Double))
    playbook_version: str | None = Field(sa_column=sa.Column(sa.Text))
    email_domain: str | None = Field(sa_column=sa.Column(sa.Text))
    graded_as: str | None = Field(sa_column=sa.Column(sa.Text))
    regrades: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    probability: float | None = Field(sa_column=sa.Column(sa.Double))
    probability_model: str | None = Field(sa_column=sa.Column(sa.Text))


class AccountRow(Table, table=True):
    """What is known of a company, under its domain and under each of its aliases."""

    __tablename__ = "accounts"

    domain: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    account: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    """The domain that the company goes by; aliases point at it."""
    kind: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    revision: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))


class ErasureRow(Table, table=True):
    """A contact who was erased: later events about them are ignored."""

    __tablename__ = "erasures"

    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    erased_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))


class OverrideRow(Table, table=True):
    """What a person decided against the rules, with who and why; its effect is an engagement of the same contact."""

    __tablename__ = "overrides"

    override_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    kind: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    by: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    reason: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))


class BlockedRow(Table, table=True):
    """A crossing of the line that made no lead: too often, too soon, or because a colleague has the account's."""

    __tablename__ = "held"

    engagement_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))


class ShadowRow(Table, table=True):
    """A candidate playbook that runs beside the one in force, from when until when; at most one runs."""

    __tablename__ = "shadows"

    shadow_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    version: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    body: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    started_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    started_by: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    stopped_at: datetime | None = Field(sa_column=sa.Column(Instant))
    stopped_by: str | None = Field(sa_column=sa.Column(sa.Text))


class ShadowLeadRow(Table, table=True):
    """A lead that the candidate would have made: recorded, never sent."""

    __tablename__ = "shadow_leads"

    shadow_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    lead_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    cycle: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    lead_type: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    outcome: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    fit: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    opened_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    decided_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))


class ReevaluationRow(Table, table=True):
    """A run that evaluates everybody near the line again under new rules; `last_contact_id` is how far it came."""

    __tablename__ = "reevaluations"

    reevaluation_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    version: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    activated_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    last_contact_id: UUID | None = Field(sa_column=sa.Column(sa.Uuid))
    evaluated: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    publishes: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    most_qualified: int | None = Field(sa_column=sa.Column(sa.Integer))
    most_qualified_a_day: int | None = Field(sa_column=sa.Column(sa.Integer))
    finished_at: datetime | None = Field(sa_column=sa.Column(Instant))


class ReevaluatedRow(Table, table=True):
    """A lead that such a run made (`qualified`), made stronger, gave another grade or let cool."""

    __tablename__ = "reevaluated"

    reevaluation_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    lead_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    change: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))


class AccountPersonRow(Table, table=True):
    """A person of an account (`person_id`) as published last with an open lead of it, which is the contact's."""

    __tablename__ = "account_people"

    lead_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    person_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    revision: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    roles: list[str] = Field(sa_column=sa.Column(sa.ARRAY(sa.Text), nullable=False))
    is_main: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
