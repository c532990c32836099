"""Rows as structs: what a statement returns has named and typed fields, from the store to the answer.

A statement's columns are the fields of its row, in their order, so that reading one is a call of a constructor; a
statement and a row that differ fail at the first row that is read.
"""

from collections.abc import Iterable
from typing import Any, Protocol, Self, TypeVar, dataclass_transform
from uuid import UUID

import msgspec
from msgspec import field
from sqlalchemy import Column, Executable, Table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

__all__ = ["Row", "RowDiffers", "field", "find_stored_ids", "read_row", "read_rows"]


class RowDiffers(TypeError):
    """A statement returns other columns than its row has."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Row(msgspec.Struct, frozen=True, gc=False):
    """A row that a statement returns; answers write it as an object of its columns.

    A field whose column has another name says so: `values: dict[str, str] = field(name="told")`.
    """

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the columns, in their order."""
        return cls.__struct_encode_fields__

    @classmethod
    def columns(cls, table: Table) -> list[Column[Any]]:
        """Return these columns of a table, to select them."""
        return [table.columns[name] for name in cls.names()]

    def as_dict(self) -> dict[str, Any]:
        """Return the values by column, as writes and JSON take them."""
        return {name: getattr(self, field) for name, field in zip(self.names(), self.__struct_fields__, strict=True)}

    def with_values(self, **values: Any) -> Self:
        """Return a copy with other values of some fields."""
        return msgspec.structs.replace(self, **values)


R = TypeVar("R", bound=Row)


class HasConnection(Protocol):
    """What runs statements: a transaction."""

    connection: AsyncConnection

    @property
    def raw(self) -> Any:
        """The driver's own connection."""


async def read_rows(tx: HasConnection, kind: type[R], statement: str | Executable, *arguments: Any) -> list[R]:
    """Run a statement and return its rows.

    Args:
        tx: The transaction that it belongs to.
        kind: The row, whose fields are the statement's columns.
        statement: Text for asyncpg with `$1`, `$2` for the arguments, or a statement of SQLAlchemy's that holds them.
        arguments: The arguments of a text, in their order.

    Raises:
        RowDiffers: The columns are others, or stand in another order.
    """
    if isinstance(statement, str):
        records = await tx.raw.fetch(statement, *arguments)
        return _records_to_rows(kind, records[0].keys(), records) if records else []
    result = await tx.connection.execute(statement)
    return _records_to_rows(kind, result.keys(), result)


async def read_row(tx: HasConnection, kind: type[R], statement: str | Executable, *arguments: Any) -> R | None:
    """Run a statement and return its first row, None where there is none; see `read_rows`."""
    rows = await read_rows(tx, kind, statement, *arguments)
    return rows[0] if rows else None


async def find_stored_ids(
    tx: HasConnection, table: type[SQLModel], ids: Iterable[UUID], column: str = "contact_id"
) -> set[UUID]:
    """Return those of these ids that stand in a table, in its column of this name."""
    sql = f"select {column} from {table.__tablename__} where {column} = any($1)"  # noqa: S608 - names of our own
    return {row[0] for row in await tx.raw.fetch(sql, list(set(ids)))}


def _records_to_rows(kind: type[R], columns: Iterable[str], records: Iterable[Iterable[Any]]) -> list[R]:
    if (names := tuple(columns)) != kind.names():
        msg = f"{kind.__name__} has {kind.names()}, its statement returns {names}"
        raise RowDiffers(msg)
    return [kind(*record) for record in records]
