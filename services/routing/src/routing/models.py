"""Routing's tables; rows are built from validated values and nothing here validates them again.

Some columns keep the name of the first release; the attribute has the name that the code uses.
"""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, DateTime, Double, Integer, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel


def _key(kind: Any, name: str | None = None) -> Any:
    return Field(sa_column=Column(name, kind, primary_key=True))


def _column(kind: Any, name: str | None = None) -> Any:
    return Field(default=None, sa_column=Column(name, kind, nullable=True))


def _needed(kind: Any, name: str | None = None) -> Any:
    return Field(sa_column=Column(name, kind, nullable=False))


INSTANT = DateTime(timezone=True)


class Table(SQLModel):
    """A table of this service, in a registry of its own."""

    metadata: ClassVar[MetaData] = MetaData()


class Leads(Table, table=True):
    """Each lead that routing knows, and where it is: one row, so it is in one place."""

    __tablename__ = "leads"

    lead_id: UUID = _key(Uuid)
    contact_id: UUID = _needed(Uuid)
    cycle: int = _needed(Integer)
    state: str = _needed(Text)
    placement: int = _needed(Integer)
    decisions: int = _needed(Integer)
    worked: bool = _needed(Boolean)
    accepted: bool = _needed(Boolean)
    lead_type: str | None = _column(Text)
    fit: str | None = _column(Text)
    team: str | None = _column(Text)
    queue: str | None = _column(Text)
    rep_id: str | None = _column(Text)
    handed_over_at: datetime | None = _column(INSTANT)
    placed_at: datetime | None = _column(INSTANT)
    account: str | None = _column(Text)
    origin_rep_id: str | None = _column(Text)
    in_turn: bool = _needed(Boolean)
    ended_at: datetime | None = _column(INSTANT)
    had_by: list[str] = _needed(ARRAY(Text))
    meeting_at: datetime | None = _column(INSTANT)
    corrected: dict[str, Any] | None = _column(JSONB)
    facts: dict[str, Any] | None = _column(JSONB)


class Decisions(Table, table=True):
    """Each decision about a lead, kept without limit: why this rep, why not another."""

    __tablename__ = "decisions"

    lead_id: UUID = _key(Uuid)
    number: int = _key(Integer)
    contact_id: UUID = _needed(Uuid)
    kind: str = _needed(Text)
    decided_at: datetime = _needed(INSTANT)
    reason: str = _needed(Text)
    placement: int = _needed(Integer)
    team: str | None = _column(Text)
    queue: str | None = _column(Text)
    rep_id: str | None = _column(Text)
    previous_rep_id: str | None = _column(Text)
    by: str | None = _column(Text)
    note: str | None = _column(Text)
    tried: list[Any] = _needed(JSONB)
    playbook_version: str = _needed(Text)
    snapshot_id: UUID | None = _column(Uuid, "scene_id")
    inputs: dict[str, Any] | None = _column(JSONB, "grounds")
    facts: dict[str, Any] | None = _column(JSONB)
    """The lead's facts at that time, where scoring has published others since."""


class Snapshots(Table, table=True):
    """The rotations as a transaction found them, and its assignments in order; decisions point here."""

    __tablename__ = "scenes"

    snapshot_id: UUID = _key(Uuid, "scene_id")
    pools: dict[str, Any] = _needed(JSONB)
    assignments: list[Any] = _needed(JSONB, "given")


class Pools(Table, table=True):
    """One row a team: its lock orders changes of the team's rotation, whose level it stores."""

    __tablename__ = "pools"

    team: str = _key(Text)
    level: float = _needed(Double)


class Reps(Table, table=True):
    """What the API set for a rep. Reps of the playbook's roster have no row until somebody changes them."""

    __tablename__ = "reps"

    rep_id: str = _key(Text)
    put_at: datetime = _needed(INSTANT)
    team: str = _needed(Text)
    role: str = _needed(Text)
    weight: float = _needed(Double)
    capacity: dict[str, Any] = _needed(JSONB)
    hours: list[Any] = _needed(JSONB)
    absences: list[Any] = _needed(JSONB)
    works: dict[str, Any] | None = _column(JSONB)
    status: str = _needed(Text)


class Seats(Table, table=True):
    """Where a rep stands in the rotation of `team`, in strides of `weight`, and the load they carry."""

    __tablename__ = "seats"

    rep_id: str = _key(Text)
    team: str = _needed(Text)
    weight: float = _needed(Double)
    position: float = _needed(Double)
    taking_part: bool = _needed(Boolean)
    open: int = _needed(Integer)
    day: date | None = _column(Date)
    today: int = _needed(Integer)
    this_week: int = _needed(Integer)
    rested_at: float | None = _column(Double)


class Accounts(Table, table=True):
    """What is known of companies, by registrable domain; `block` is the key by which similar names are found."""

    __tablename__ = "accounts"

    domain: str = _key(Text)
    revision: int = _needed(Integer)
    kind: str = _needed(Text)
    owner: str | None = _column(Text)
    name: str | None = _column(Text)
    block: str | None = _column(Text)
    parent: str | None = _column(Text)
    aliases: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    open_opportunity: bool = _needed(Boolean)


class Campaigns(Table, table=True):
    """What marketing announced, for the briefs that travel with a lead."""

    __tablename__ = "campaigns"

    campaign: str = _key(Text)
    revision: int = _needed(Integer)
    brief: str | None = _column(Text)
    content: list[Any] = _needed(JSONB)


class Preferences(Table, table=True):
    """What a contact answered that may keep a lead from sales: refusals, closed channels, not now."""

    __tablename__ = "wishes"

    contact_id: UUID = _key(Uuid)
    preferences: dict[str, Any] = _needed(JSONB, "said")


class Erased(Table, table=True):
    """Contacts that were erased: later events about them are ignored."""

    __tablename__ = "erased"

    contact_id: UUID = _key(Uuid)


class PublishedCalendars(Table, table=True):
    """What was last published about when each rep works."""

    __tablename__ = "published_calendars"

    rep_id: str = _key(Text)
    revision: int = _needed(Integer)
    content: str = _needed(Text)
    """The event."""


class CalendarLinks(Table, table=True):
    """The secret address of each rep's calendar, as a fingerprint."""

    __tablename__ = "calendar_links"

    rep_id: str = _key(Text)
    fingerprint: str = _needed(Text)
    made_at: datetime = _needed(INSTANT)
