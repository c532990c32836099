"""The tables: a read model joined from the topics, and the people of ours who read it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Column, Date, Double, Integer, Numeric, Text, Uuid
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from events.parts import JsonObject
from events.runtime.columns import INSTANT, nullable, primary, required


class Table(SQLModel, registry=registry()):
    """The tables of this service, in a registry of their own: other services have tables of the same names."""


class PersonRow(Table, table=True):
    """A contact as capture's profile has it."""

    __tablename__ = "people"

    contact_id: UUID = primary(Uuid)
    revision: int = required(Integer)
    name: str | None = nullable(Text)
    email: str | None = nullable(Text)
    phone: str | None = nullable(Text)
    company: str | None = nullable(Text)
    job_title: str | None = nullable(Text)
    country: str | None = nullable(Text)
    message: str | None = nullable(Text)
    suppressed: list[str] = required(ARRAY(Text))


class LeadRow(Table, table=True):
    """A lead. The columns are those of `domain.leads.make_lead_columns`."""

    __tablename__ = "leads"

    lead_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    cycle: int = required(Integer)
    facts: JsonObject = required(JSONB)
    state: str = required(Text)
    rep_id: str | None = nullable(Text)
    owner_id: str | None = nullable(Text)
    """Who has it, or had it last before it went back to marketing."""
    team: str | None = nullable(Text)
    queue: str | None = nullable(Text)
    placement: int = required(Integer)
    lead_type: str | None = nullable(Text)
    fit: str | None = nullable(Text)
    source: str | None = nullable(Text)
    campaign: str | None = nullable(Text)
    captured_at: datetime | None = nullable(INSTANT)
    qualified_at: datetime | None = nullable(INSTANT)
    handed_over_at: datetime | None = nullable(INSTANT)
    placed_at: datetime | None = nullable(INSTANT)
    due_at: datetime | None = nullable(INSTANT)
    due_clock: str | None = nullable(Text)
    missed: bool = required(Boolean)
    touches: int = required(Integer)
    touched_at: datetime | None = nullable(INSTANT)
    accepted_at: datetime | None = nullable(INSTANT)
    confirmed_at: datetime | None = nullable(INSTANT)
    opportunity_at: datetime | None = nullable(INSTANT)
    ended_at: datetime | None = nullable(INSTANT)
    reason: str | None = nullable(Text)
    amount: float | None = nullable(Double)


class StoryEntryRow(Table, table=True):
    """A line of a contact's story. The columns are those of `domain.from_events.StoryEntry`."""

    __tablename__ = "entries"

    entry_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    lead_id: UUID | None = nullable(Uuid)
    kind: str = required(Text)
    at: datetime = required(INSTANT)
    body: JsonObject = required(JSONB)


class PromiseRow(Table, table=True):
    """What became of a promise."""

    __tablename__ = "promises"

    clock_id: UUID = primary(Uuid)
    lead_id: UUID = required(Uuid)
    contact_id: UUID = required(Uuid)
    clock: str = required(Text)
    policy: str = required(Text)
    rep_id: str | None = nullable(Text)
    team: str | None = nullable(Text)
    started_at: datetime = required(INSTANT)
    due_at: datetime | None = nullable(INSTANT)
    as_of: datetime = required(INSTANT)
    """When the newest of its facts was published: that one says whose promise it is."""
    breached_at: datetime | None = nullable(INSTANT)
    met_at: datetime | None = nullable(INSTANT)
    late_seconds: float | None = nullable(Double)
    rescinded_at: datetime | None = nullable(INSTANT)


def _sums(name: str, *measures: Column[Any]) -> SqlTable:
    key = (Column(each, Text, nullable=each == "team") for each in ("dimension", "group", "team"))
    return SqlTable(
        name, Table.metadata, *key, Column("day", Date, nullable=False), Column("folded", Boolean, nullable=False),
        *measures,
    )  # fmt: skip


STEPS = ("qualified", "handed_over", "touched", "accepted", "confirmed", "opportunity", "won", "returned")
FUNNEL_DAYS = _sums("funnel_days", *(Column(name, Integer) for name in STEPS), Column("revenue", Numeric))
"""What the leads of one group and team that were qualified on one day amount to, null for nothing. Names nobody."""
PROMISE_DAYS = _sums("promise_days", *(Column(name, Integer) for name in ("kept", "late", "missed")))
"""The same of the promises that fell due on one day."""


class CampaignRow(Table, table=True):
    """A campaign as announced."""

    __tablename__ = "campaigns"

    campaign: str = primary(Text)
    revision: int = required(Integer)
    name: str = required(Text)
    brief: str | None = nullable(Text)
    starts_at: datetime | None = nullable(INSTANT)
    ends_at: datetime | None = nullable(INSTANT)


class ErasureRow(Table, table=True):
    """A contact who was erased: later events about them are ignored."""

    __tablename__ = "erasures"

    contact_id: UUID = primary(Uuid)
    erased_at: datetime = required(INSTANT)


class RemarkRow(Table, table=True):
    """What somebody wrote on these pages about a lead: a note with a return, an answer to it."""

    __tablename__ = "remarks"

    remark_id: UUID = primary(Uuid)
    lead_id: UUID = required(Uuid)
    contact_id: UUID = required(Uuid)
    kind: str = required(Text)
    by: str = required(Text)
    at: datetime = required(INSTANT)
    body: JsonObject = required(JSONB)


class UserRow(Table, table=True):
    """Somebody of ours who signs in. Instants of users, sessions and messages are real time."""

    __tablename__ = "users"

    user_id: str = primary(Text)
    role: str = required(Text)
    rep_id: str | None = nullable(Text)
    team: str | None = nullable(Text)
    email: str | None = nullable(Text)
    chat_url: str | None = nullable(Text)
    zone: str = required(Text)
    created_at: datetime = required(INSTANT)
    disabled_at: datetime | None = nullable(INSTANT)
    subject: str | None = nullable(Text)
    """The identity provider and what it calls them; null for who only came by a link."""
    language: str | None = nullable(Text)
    """In which they read the pages; null: the browser's."""
    signs_as: str | None = nullable(Text)
    """The approver of the rules as whom they sign, as `definitions.yaml` names it."""


class ProposedRulesRow(Table, table=True):
    """Rules that were proposed: who signed them, and what was in force before."""

    __tablename__ = "candidates"

    candidate_id: UUID = primary(Uuid)
    definitions: str = required(Text)
    bodies: dict[str, str] = required(JSONB)
    """The file of each service whose rules would change."""
    approvers: list[str] = required(JSONB)
    proposed_by: str = required(Text)
    proposed_at: datetime = required(INSTANT)
    signatures: list[dict[str, str]] = required(JSONB)
    signature_keys: Any = nullable(JSONB(none_as_null=True))
    """By approver, the name of the API key by which a signature came; null where the release before wrote the row."""
    before: Any = nullable(JSONB(none_as_null=True))
    """What each service decided by until it was put in force; null where it never was."""
    activated_at: datetime | None = nullable(INSTANT)
    ended_at: datetime | None = nullable(INSTANT)


class InvitationRow(Table, table=True):
    """A link that signs somebody in once. What is kept of it is a hash."""

    __tablename__ = "invitations"

    hash: str = primary(Text)
    user_id: str = required(Text)
    expires_at: datetime = required(INSTANT)
    used_at: datetime | None = nullable(INSTANT)


class SessionRow(Table, table=True):
    """A signed-in browser. What is kept of its cookie is a hash."""

    __tablename__ = "sessions"

    hash: str = primary(Text)
    user_id: str = required(Text)
    created_at: datetime = required(INSTANT)
    expires_at: datetime = required(INSTANT)


class MessageRow(Table, table=True):
    """A message to somebody of ours, by one way. It holds ids; names are put in when it is sent."""

    __tablename__ = "messages"

    message_id: UUID = primary(Uuid)
    user_id: str = required(Text)
    channel: str = required(Text)
    kind: str = required(Text)
    lead_id: UUID | None = nullable(Uuid)
    contact_id: UUID | None = nullable(Uuid)
    made_at: datetime = required(INSTANT)
    due_at: datetime | None = nullable(INSTANT)
    """When to try (again); null when there is nothing left to do."""
    attempts: int = required(Integer)
    sent_at: datetime | None = nullable(INSTANT)
    failed_at: datetime | None = nullable(INSTANT)
    last_error: str | None = nullable(Text)


class RepCalendarRow(Table, table=True):
    """When a rep works: the last revision that routing published, as it stands on the topic."""

    __tablename__ = "rep_calendars"

    rep_id: str = primary(Text)
    revision: int = required(Integer)
    content: str = required(Text)


class MeetingRow(Table, table=True):
    """Whose calendar should show which meeting about a lead, as far as messages about it were made."""

    __tablename__ = "meetings"

    lead_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    rep_id: str | None = nullable(Text)
    """None: in nobody's, as it was called off or nobody has the lead."""
    starts_at: datetime | None = nullable(INSTANT)
    sequence: int = required(Integer)
    """Rises with each change: by it a calendar knows which of two mails is the later one."""


class ActionLinkRow(Table, table=True):
    """A link in a message that does one thing without signing in, once."""

    __tablename__ = "action_links"

    hash: str = primary(Text)
    user_id: str = required(Text)
    lead_id: UUID = required(Uuid)
    contact_id: UUID = required(Uuid)
    action: str = required(Text)
    expires_at: datetime = required(INSTANT)
    used_at: datetime | None = nullable(INSTANT)
