"""The tables of the service: what contacts did, what became of them, their leads, and what companies are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Double, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from events.parts import JsonObject
from events.runtime.columns import INSTANT, nullable, primary, required


class Table(SQLModel, registry=registry()):
    """A table of this service. Services name their tables as they like, so each has a registry of its own."""


class EngagementRow(Table, table=True):
    """The columns of `domain.Engagement`, and the company's domain to find contacts by."""

    __tablename__ = "engagements"

    engagement_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    engagement: str = required(Text)
    source: str = required(Text)
    occurred_at: datetime = required(INSTANT)
    received_at: datetime = required(INSTANT)
    content: str | None = nullable(Text)
    campaign: str | None = nullable(Text)
    talk_to_sales: bool = required(Boolean)
    preference: str | None = nullable(Text)
    preferred_at: datetime | None = nullable(INSTANT)
    email_domain: str | None = nullable(Text)
    facts: JsonObject = required(JSONB)


class LifecycleFactRow(Table, table=True):
    """The columns of `domain.LifecycleFact`."""

    __tablename__ = "turns"

    turn_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    kind: str = required(Text)
    at: datetime = required(INSTANT)
    cycle: int | None = nullable(Integer)
    reason: str | None = nullable(Text)


class LeadRow(Table, table=True):
    """The columns of `domain.Lead`, in their order; `published_*` are the columns `told_*`."""

    __tablename__ = "leads"

    lead_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    cycle: int = required(Integer)
    lead_type: str = required(Text)
    published_type: str = required(Text, "told_type")
    outcome: str = required(Text)
    fit: str = required(Text)
    by_request: bool = required(Boolean)
    engagement_id: UUID = required(Uuid)
    opened_at: datetime = required(INSTANT)
    qualified_at: datetime = required(INSTANT)
    ended_at: datetime | None = nullable(INSTANT)
    cools_at: datetime | None = nullable(INSTANT)
    cooled_at: datetime | None = nullable(INSTANT)
    opened_as: str | None = nullable(Text)
    published_fit: str | None = nullable(Text, "told_fit")
    published_level: int | None = nullable(Integer, "told_level")
    published_points: float | None = nullable(Double, "told_points")
    playbook_version: str | None = nullable(Text)
    email_domain: str | None = nullable(Text)
    graded_as: str | None = nullable(Text)
    regrades: int = required(Integer)
    probability: float | None = nullable(Double)
    probability_model: str | None = nullable(Text)


class AccountRow(Table, table=True):
    """What is known of a company, under its domain and under each of its aliases."""

    __tablename__ = "accounts"

    domain: str = primary(Text)
    account: str = primary(Text)
    """The domain that the company goes by; aliases point at it."""
    kind: str = required(Text)
    revision: int = required(Integer)


class ErasedContactRow(Table, table=True):
    """A contact who was erased: later events about them are ignored."""

    __tablename__ = "erasures"

    contact_id: UUID = primary(Uuid)
    erased_at: datetime = required(INSTANT)


class OverrideRow(Table, table=True):
    """What a person decided against the rules, with who and why; its effect is an engagement of the same contact."""

    __tablename__ = "overrides"

    override_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    kind: str = required(Text)
    by: str = required(Text)
    reason: str = required(Text)
    at: datetime = required(INSTANT)


class BlockedCrossingRow(Table, table=True):
    """A crossing of the line that made no lead: too often, too soon, or because a colleague has the account's."""

    __tablename__ = "held"

    engagement_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    at: datetime = required(INSTANT)


class ShadowRunRow(Table, table=True):
    """A candidate playbook that runs beside the one in force, from when until when; at most one runs."""

    __tablename__ = "shadows"

    shadow_id: UUID = primary(Uuid)
    version: str = required(Text)
    body: str = required(Text)
    started_at: datetime = required(INSTANT)
    started_by: str = required(Text)
    stopped_at: datetime | None = nullable(INSTANT)
    stopped_by: str | None = nullable(Text)


class ShadowLeadRow(Table, table=True):
    """A lead that the candidate would have made: recorded, never sent."""

    __tablename__ = "shadow_leads"

    shadow_id: UUID = primary(Uuid)
    lead_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    cycle: int = required(Integer)
    lead_type: str = required(Text)
    outcome: str = required(Text)
    fit: str = required(Text)
    opened_at: datetime = required(INSTANT)
    decided_at: datetime = required(INSTANT)


class ReevaluationRunRow(Table, table=True):
    """A run that evaluates everybody near the line again under new rules; `last_contact_id` is how far it came."""

    __tablename__ = "reevaluations"

    reevaluation_id: UUID = primary(Uuid)
    version: str = required(Text)
    activated_at: datetime = required(INSTANT)
    last_contact_id: UUID | None = nullable(Uuid)
    evaluated: int = required(Integer)
    publishes: bool = required(Boolean)
    most_qualified: int | None = nullable(Integer)
    most_qualified_a_day: int | None = nullable(Integer)
    finished_at: datetime | None = nullable(INSTANT)


class ReevaluatedLeadRow(Table, table=True):
    """A lead that such a run made (`qualified`), made stronger, gave another grade or let cool."""

    __tablename__ = "reevaluated"

    reevaluation_id: UUID = primary(Uuid)
    lead_id: UUID = primary(Uuid)
    change: str = primary(Text)
    contact_id: UUID = required(Uuid)
    at: datetime = required(INSTANT)


class AccountPersonRow(Table, table=True):
    """A person of an account (`person_id`) as published last with an open lead of it, which is the contact's."""

    __tablename__ = "account_people"

    lead_id: UUID = primary(Uuid)
    person_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    revision: int = required(Integer)
    roles: list[str] = required(ARRAY(Text))
    is_main: bool = required(Boolean)


class EnrichmentQuestionRow(Table, table=True):
    """What was asked about a contact once; `due_at` (real time) is when it is asked next, null where that is over."""

    __tablename__ = "enrichments"

    contact_id: UUID = primary(Uuid)
    asked_at: datetime = required(INSTANT)
    """In business time: from here on a lead waits."""
    email_domain: str = required(Text)
    company: str | None = nullable(Text)
    country: str | None = nullable(Text)
    missing: list[str] = required(ARRAY(Text))
    attempts: int = required(Integer)
    due_at: datetime | None = nullable(INSTANT)
    outcome: str | None = nullable(Text)
