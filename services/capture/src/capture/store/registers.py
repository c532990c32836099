"""SQL of the registers: accounts, campaigns and content, each row written whole."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from events.runtime import Transaction
from events.runtime.bulk import table_of


async def put(tx: Transaction, table: type[SQLModel], key: str, blank: Mapping[str, Any]) -> dict[str, Any]:
    """Hold the row named `key` to the end of the transaction; where there is none, begin with `blank`.

    Two first writers at once meet here: one begins the row, the other waits and then reads it.
    """
    columns = table_of(table)
    (primary,) = columns.primary_key
    await tx.insert(table, [{primary.name: key, **blank}])
    rows = await tx.fetch(sa.select(columns).where(primary == key).with_for_update())
    return rows[0]


async def save(tx: Transaction, table: type[SQLModel], row: Mapping[str, Any]) -> None:
    """Write a row whole."""
    await tx.upsert(table, [row])
