"""Routing's tables; rows are built from validated values and nothing here validates them again.

Some columns keep the name of the first release; the attribute has the name that the code uses.
"""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Boolean, Date, Double, Integer, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import SQLModel

from events.parts import JsonObject
from events.runtime.columns import INSTANT, nullable, primary, required


class Table(SQLModel):
    """A table of this service, in a registry of its own."""

    metadata: ClassVar[MetaData] = MetaData()


class Leads(Table, table=True):
    """Each lead that routing knows, and where it is: one row, so it is in one place."""

    __tablename__ = "leads"

    lead_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    cycle: int = required(Integer)
    state: str = required(Text)
    placement: int = required(Integer)
    decisions: int = required(Integer)
    worked: bool = required(Boolean)
    accepted: bool = required(Boolean)
    lead_type: str | None = nullable(Text)
    fit: str | None = nullable(Text)
    team: str | None = nullable(Text)
    queue: str | None = nullable(Text)
    rep_id: str | None = nullable(Text)
    handed_over_at: datetime | None = nullable(INSTANT)
    placed_at: datetime | None = nullable(INSTANT)
    account: str | None = nullable(Text)
    origin_rep_id: str | None = nullable(Text)
    in_turn: bool = required(Boolean)
    ended_at: datetime | None = nullable(INSTANT)
    had_by: list[str] = required(ARRAY(Text))
    meeting_at: datetime | None = nullable(INSTANT)
    corrected: JsonObject | None = nullable(JSONB)
    facts: JsonObject | None = nullable(JSONB)


class Decisions(Table, table=True):
    """Each decision about a lead, kept without limit: why this rep, why not another."""

    __tablename__ = "decisions"

    lead_id: UUID = primary(Uuid)
    number: int = primary(Integer)
    contact_id: UUID = required(Uuid)
    kind: str = required(Text)
    decided_at: datetime = required(INSTANT)
    reason: str = required(Text)
    placement: int = required(Integer)
    team: str | None = nullable(Text)
    queue: str | None = nullable(Text)
    rep_id: str | None = nullable(Text)
    previous_rep_id: str | None = nullable(Text)
    by: str | None = nullable(Text)
    note: str | None = nullable(Text)
    tried: list[Any] = required(JSONB)
    playbook_version: str = required(Text)
    snapshot_id: UUID | None = nullable(Uuid, "scene_id")
    inputs: JsonObject | None = nullable(JSONB, "grounds")
    facts: JsonObject | None = nullable(JSONB)
    """The lead's facts at that time, where scoring has published others since."""


class Snapshots(Table, table=True):
    """The rotations as a transaction found them, and its assignments in order; decisions point here."""

    __tablename__ = "scenes"

    snapshot_id: UUID = primary(Uuid, "scene_id")
    pools: JsonObject = required(JSONB)
    assignments: list[Any] = required(JSONB, "given")


class Pools(Table, table=True):
    """One row a team: its lock orders changes of the team's rotation, whose level it stores."""

    __tablename__ = "pools"

    team: str = primary(Text)
    level: float = required(Double)


class Reps(Table, table=True):
    """What the API set for a rep. Reps of the playbook's roster have no row until somebody changes them."""

    __tablename__ = "reps"

    rep_id: str = primary(Text)
    put_at: datetime = required(INSTANT)
    team: str = required(Text)
    role: str = required(Text)
    weight: float = required(Double)
    capacity: JsonObject = required(JSONB)
    hours: list[Any] = required(JSONB)
    absences: list[Any] = required(JSONB)
    works: JsonObject | None = nullable(JSONB)
    status: str = required(Text)


class Seats(Table, table=True):
    """Where a rep stands in the rotation of `team`, in strides of `weight`, and the load they carry."""

    __tablename__ = "seats"

    rep_id: str = primary(Text)
    team: str = required(Text)
    weight: float = required(Double)
    position: float = required(Double)
    taking_part: bool = required(Boolean)
    open: int = required(Integer)
    day: date | None = nullable(Date)
    today: int = required(Integer)
    this_week: int = required(Integer)
    rested_at: float | None = nullable(Double)


class Accounts(Table, table=True):
    """What is known of companies, by registrable domain; `block` is the key by which similar names are found."""

    __tablename__ = "accounts"

    domain: str = primary(Text)
    revision: int = required(Integer)
    kind: str = required(Text)
    owner: str | None = nullable(Text)
    name: str | None = nullable(Text)
    block: str | None = nullable(Text)
    parent: str | None = nullable(Text)
    aliases: list[str] = required(ARRAY(Text))
    open_opportunity: bool = required(Boolean)


class Campaigns(Table, table=True):
    """What marketing announced, for the briefs that travel with a lead."""

    __tablename__ = "campaigns"

    campaign: str = primary(Text)
    revision: int = required(Integer)
    name: str | None = nullable(Text)
    brief: str | None = nullable(Text)
    content: list[Any] = required(JSONB)
    titles: dict[str, str] | None = nullable(JSONB)
    """Those of its content, by content."""


class Preferences(Table, table=True):
    """What a contact answered that may keep a lead from sales: refusals, closed channels, not now."""

    __tablename__ = "wishes"

    contact_id: UUID = primary(Uuid)
    preferences: JsonObject = required(JSONB, "said")


class ErasedContacts(Table, table=True):
    """Contacts that were erased: later events about them are ignored."""

    __tablename__ = "erased"

    contact_id: UUID = primary(Uuid)


class PublishedCalendars(Table, table=True):
    """What was last published about when each rep works."""

    __tablename__ = "published_calendars"

    rep_id: str = primary(Text)
    revision: int = required(Integer)
    content: str = required(Text)
    """The event."""


class CalendarLinks(Table, table=True):
    """The secret address of each rep's calendar, as a fingerprint."""

    __tablename__ = "calendar_links"

    rep_id: str = primary(Text)
    fingerprint: str = required(Text)
    made_at: datetime = required(INSTANT)


class CalendarSources(Table, table=True):
    """At which address each rep's own calendar is read, and how that went."""

    __tablename__ = "calendar_sources"

    rep_id: str = primary(Text)
    source_id: UUID = required(Uuid)
    """Another with each address: what was read at the one before counts no more."""
    address: str = required(Text)
    """Encrypted under the installation's secret: it opens the calendar."""
    host: str = required(Text)
    named_at: datetime = required(INSTANT)
    due_at: datetime = required(INSTANT)
    claimed_until: datetime | None = nullable(INSTANT)
    """In real time, however the business clock moves: until then nobody else reads it."""
    read_at: datetime | None = nullable(INSTANT)
    whole_at: datetime | None = nullable(INSTANT)
    """When it was last read as a whole, and not found unchanged."""
    covered_until: datetime | None = nullable(INSTANT)
    """Up to when the absences that are saved are all that the calendar has."""
    etag: str | None = nullable(Text)
    last_modified: str | None = nullable(Text)
    failures: int = required(Integer)
    failing_since: datetime | None = nullable(INSTANT)
    problem: str | None = nullable(Text)
