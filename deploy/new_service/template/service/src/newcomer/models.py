"""Newcomer's tables: cases, and who was erased."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

Instant = sa.DateTime(timezone=True)


class Table(SQLModel, registry=registry()):
    """The tables of this service, in a registry of their own: other services have tables of the same names."""


class CaseRow(Table, table=True):
    """A person, where their last cycle stands, and who looked. The columns are those of `domain.Case`."""

    __tablename__ = "cases"

    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    revision: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    lead_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    state: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    since: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
    handled_at: datetime | None = Field(sa_column=sa.Column(Instant))
    handled_by: str | None = Field(sa_column=sa.Column(sa.Text))


class Erasure(Table, table=True):
    """A contact who was erased; later events about them are ignored."""

    __tablename__ = "erasures"

    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    erased_at: datetime = Field(sa_column=sa.Column(Instant, nullable=False))
