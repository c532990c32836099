"""Newcomer's tables: cases, and who was erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from events.runtime.columns import INSTANT, nullable, primary, required


class Table(SQLModel, registry=registry()):
    """The tables of this service, in a registry of their own: other services have tables of the same names."""


class CaseRow(Table, table=True):
    """A person, where their last cycle stands, and who looked. The columns are those of `domain.Case`."""

    __tablename__ = "cases"

    contact_id: UUID = primary(Uuid)
    revision: int = required(Integer)
    lead_id: UUID = required(Uuid)
    state: str = required(Text)
    since: datetime = required(INSTANT)
    handled_at: datetime | None = nullable(INSTANT)
    handled_by: str | None = nullable(Text)


class Erasure(Table, table=True):
    """A contact who was erased; later events about them are ignored."""

    __tablename__ = "erasures"

    contact_id: UUID = primary(Uuid)
    erased_at: datetime = required(INSTANT)
