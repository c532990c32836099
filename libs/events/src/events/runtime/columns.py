"""The columns that tables are made of: part of the key, always there, or perhaps absent.

Each takes the column's kind and, where the attribute has another name, the column's. Tables validate nothing: rows are
built from validated values.
"""

from typing import Any

from sqlalchemy import Column, DateTime
from sqlmodel import Field

INSTANT = DateTime(timezone=True)
"""A point in time, in UTC."""


def primary(kind: Any, name: str | None = None, **more: Any) -> Any:
    """Return a column of the primary key; `more` are arguments of SQLAlchemy's `Column`."""
    return Field(sa_column=Column(name, kind, primary_key=True, **more))


def required(kind: Any, name: str | None = None, **more: Any) -> Any:
    """Return a column that is never null; `more` are arguments of SQLAlchemy's `Column`."""
    return Field(sa_column=Column(name, kind, nullable=False, **more))


def nullable(kind: Any, name: str | None = None, **more: Any) -> Any:
    """Return a column that may be null; `more` are arguments of SQLAlchemy's `Column`."""
    return Field(default=None, sa_column=Column(name, kind, nullable=True, **more))
