"""The columns that tables are made of, and the base that they share."""

from typing import Any

from sqlalchemy import Column, DateTime, Double, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


def uuid(*, key: bool = False, required: bool = True) -> Any:
    """An id."""
    return Field(sa_column=Column(Uuid, primary_key=key, nullable=not required))


def text(*, key: bool = False, required: bool = False) -> Any:
    """A text; nullable unless it is a key or required."""
    return Field(default=None, sa_column=Column(Text, primary_key=key, nullable=not (required or key)))


def instant(*, required: bool = False) -> Any:
    """An instant in UTC."""
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=not required))


def count() -> Any:
    """A number of things, 0 at first."""
    return Field(default=0, sa_column=Column(Integer, nullable=False))


def number() -> Any:
    """A number that may be unknown."""
    return Field(default=None, sa_column=Column(Double, nullable=True))


def document(*, required: bool = True) -> Any:
    """A JSON document."""
    return Field(default=None, sa_column=Column(JSONB, nullable=not required))


class Table(SQLModel, registry=registry()):
    """The base of this service's tables: a registry of its own, since other services have a `leads` too."""
