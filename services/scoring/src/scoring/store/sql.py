"""How statements are written here."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, asyncpg


def build_equals_any(column: sa.Column[Any], kind: Any) -> sa.ColumnElement[bool]:
    """Return a comparison with a bound array: one statement text, planned once, for any number of values."""
    return column == sa.func.any(sa.bindparam("among", type_=ARRAY(kind)))


def compile_statement_text(statement: sa.Select[Any]) -> str:
    """Return a statement as the driver takes it: reads of the hot path go around SQLAlchemy's result machinery."""
    return str(statement.compile(dialect=asyncpg.dialect()))  # type: ignore[no-untyped-call]
