"""The tables: a read model joined from the topics, and the people of ours who read it."""

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


def _text(*, key: bool = False, null: bool = False) -> Any:
    return Field(sa_column=sa.Column(sa.Text, primary_key=key, nullable=null))


def _id(*, key: bool = False, null: bool = False) -> Any:
    return Field(sa_column=sa.Column(sa.Uuid, primary_key=key, nullable=null))


def _instant(*, null: bool = True) -> Any:
    return Field(sa_column=sa.Column(Instant, nullable=null))


def _json() -> Any:
    return Field(sa_column=sa.Column(JSONB, nullable=False))


def _number(kind: Any = sa.Integer, *, null: bool = False) -> Any:
    return Field(sa_column=sa.Column(kind, nullable=null))


class PersonRow(Table, table=True):
    """A contact as capture's profile has it."""

    __tablename__ = "people"

    contact_id: UUID = _id(key=True)
    revision: int = _number()
    name: str | None = _text(null=True)
    email: str | None = _text(null=True)
    phone: str | None = _text(null=True)
    company: str | None = _text(null=True)
    job_title: str | None = _text(null=True)
    country: str | None = _text(null=True)
    message: str | None = _text(null=True)
    suppressed: list[str] = Field(sa_column=sa.Column(sa.ARRAY(sa.Text), nullable=False))


class LeadRow(Table, table=True):
    """A lead. The columns are those of `domain.leads.row_of`."""

    __tablename__ = "leads"

    lead_id: UUID = _id(key=True)
    contact_id: UUID = _id()
    cycle: int = _number()
    facts: dict[str, Any] = _json()
    state: str = _text()
    rep_id: str | None = _text(null=True)
    owner_id: str | None = _text(null=True)
    """Who has it, or had it last before it went back to marketing."""
    team: str | None = _text(null=True)
    queue: str | None = _text(null=True)
    placement: int = _number()
    lead_type: str | None = _text(null=True)
    fit: str | None = _text(null=True)
    source: str | None = _text(null=True)
    campaign: str | None = _text(null=True)
    captured_at: datetime | None = _instant()
    qualified_at: datetime | None = _instant()
    handed_over_at: datetime | None = _instant()
    placed_at: datetime | None = _instant()
    due_at: datetime | None = _instant()
    due_clock: str | None = _text(null=True)
    missed: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    touches: int = _number()
    touched_at: datetime | None = _instant()
    accepted_at: datetime | None = _instant()
    confirmed_at: datetime | None = _instant()
    opportunity_at: datetime | None = _instant()
    ended_at: datetime | None = _instant()
    reason: str | None = _text(null=True)
    amount: float | None = _number(sa.Double, null=True)


class EntryRow(Table, table=True):
    """A line of a contact's story. The columns are those of `domain.from_events.Entry`."""

    __tablename__ = "entries"

    entry_id: UUID = _id(key=True)
    contact_id: UUID = _id()
    lead_id: UUID | None = _id(null=True)
    kind: str = _text()
    at: datetime = _instant(null=False)
    body: dict[str, Any] = _json()


class PromiseRow(Table, table=True):
    """What became of a promise."""

    __tablename__ = "promises"

    clock_id: UUID = _id(key=True)
    lead_id: UUID = _id()
    contact_id: UUID = _id()
    clock: str = _text()
    policy: str = _text()
    rep_id: str | None = _text(null=True)
    team: str | None = _text(null=True)
    started_at: datetime = _instant(null=False)
    due_at: datetime | None = _instant()
    as_of: datetime = _instant(null=False)
    """When the newest of its facts was published: that one says whose promise it is."""
    breached_at: datetime | None = _instant()
    met_at: datetime | None = _instant()
    late_seconds: float | None = _number(sa.Double, null=True)
    rescinded_at: datetime | None = _instant()


class CampaignRow(Table, table=True):
    """A campaign as announced."""

    __tablename__ = "campaigns"

    campaign: str = _text(key=True)
    revision: int = _number()
    name: str = _text()
    brief: str | None = _text(null=True)
    starts_at: datetime | None = _instant()
    ends_at: datetime | None = _instant()


class Erasure(Table, table=True):
    """A contact who was erased: later events about them are ignored."""

    __tablename__ = "erasures"

    contact_id: UUID = _id(key=True)
    erased_at: datetime = _instant(null=False)


class Remark(Table, table=True):
    """What somebody wrote on these pages about a lead: a note with a return, an answer to it."""

    __tablename__ = "remarks"

    remark_id: UUID = _id(key=True)
    lead_id: UUID = _id()
    contact_id: UUID = _id()
    kind: str = _text()
    by: str = _text()
    at: datetime = _instant(null=False)
    body: dict[str, Any] = _json()


class User(Table, table=True):
    """Somebody of ours who signs in. Instants of users, sessions and messages are real time."""

    __tablename__ = "users"

    user_id: str = _text(key=True)
    role: str = _text()
    rep_id: str | None = _text(null=True)
    team: str | None = _text(null=True)
    email: str | None = _text(null=True)
    chat_url: str | None = _text(null=True)
    zone: str = _text()
    created_at: datetime = _instant(null=False)
    disabled_at: datetime | None = _instant()
    subject: str | None = _text(null=True)
    """The identity provider and what it calls them; null for who only came by a link."""
    language: str | None = _text(null=True)
    """In which they read the pages; null: the browser's."""
    signs_as: str | None = _text(null=True)
    """The approver of the rules as whom they sign, as `definitions.yaml` names it."""


class ProposedRules(Table, table=True):
    """Rules that were proposed: who signed them, and what was in force before."""

    __tablename__ = "candidates"

    candidate_id: UUID = _id(key=True)
    definitions: str = _text()
    bodies: dict[str, str] = _json()
    """The file of each service whose rules would change."""
    approvers: list[str] = _json()
    proposed_by: str = _text()
    proposed_at: datetime = _instant(null=False)
    signatures: list[dict[str, str]] = _json()
    before: Any = Field(sa_column=sa.Column(JSONB(none_as_null=True)))
    """What each service decided by until it was put in force; null where it never was."""
    activated_at: datetime | None = _instant()
    ended_at: datetime | None = _instant()


class Invitation(Table, table=True):
    """A link that signs somebody in once. What is kept of it is a hash."""

    __tablename__ = "invitations"

    hash: str = _text(key=True)
    user_id: str = _text()
    expires_at: datetime = _instant(null=False)
    used_at: datetime | None = _instant()


class Session(Table, table=True):
    """A signed-in browser. What is kept of its cookie is a hash."""

    __tablename__ = "sessions"

    hash: str = _text(key=True)
    user_id: str = _text()
    created_at: datetime = _instant(null=False)
    expires_at: datetime = _instant(null=False)


class Message(Table, table=True):
    """A message to somebody of ours, by one way. It holds ids; names are put in when it is sent."""

    __tablename__ = "messages"

    message_id: UUID = _id(key=True)
    user_id: str = _text()
    channel: str = _text()
    kind: str = _text()
    lead_id: UUID | None = _id(null=True)
    contact_id: UUID | None = _id(null=True)
    made_at: datetime = _instant(null=False)
    due_at: datetime | None = _instant()
    """When to try (again); null when there is nothing left to do."""
    attempts: int = _number()
    sent_at: datetime | None = _instant()
    failed_at: datetime | None = _instant()
    last_error: str | None = _text(null=True)


class ActionLink(Table, table=True):
    """A link in a message that does one thing without signing in, once."""

    __tablename__ = "action_links"

    hash: str = _text(key=True)
    user_id: str = _text()
    lead_id: UUID = _id()
    contact_id: UUID = _id()
    action: str = _text()
    expires_at: datetime = _instant(null=False)
    used_at: datetime | None = _instant()
