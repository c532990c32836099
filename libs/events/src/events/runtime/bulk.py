"""Set-based writes: any number of rows in one statement, its shape derived from the SQLModel table.

One `unnest` over one array a column keeps the statement's text the same for every batch, so PostgreSQL plans it once.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from msgspec.structs import astuple
from sqlalchemy import ARRAY, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from events.runtime.rows import Row

Write = tuple[str, Sequence[Any]]
"""A statement and its arguments."""
Rows = Sequence[Mapping[str, Any] | Row]
"""Rows to write, all of one kind: values by column."""

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def get_table(model: type[SQLModel]) -> Table:
    """Return the SQLAlchemy table behind a model."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


@lru_cache(maxsize=512)
def _build_unnest_select(table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[bool, ...]]:
    """Write `select … from unnest(…)` for these columns, and say which travel as JSON text."""
    arrays, picks, as_json = [], [], []
    for position, name in enumerate(columns, start=1):
        kind = table.columns[name].type
        written = kind.compile(dialect=_DIALECT)
        if isinstance(kind, JSONB):
            arrays.append(f"${position}::text[]")
            picks.append(f"c{position}::jsonb")
            as_json.append(True)
        elif isinstance(kind, ARRAY):
            arrays.append(f"${position}::text[]")
            picks.append(f"array(select jsonb_array_elements_text(c{position}::jsonb))::{written}")
            as_json.append(True)
        else:
            arrays.append(f"${position}::{written}[]")
            picks.append(f"c{position}")
            as_json.append(False)
    names = ", ".join(f"c{position}" for position in range(1, len(columns) + 1))
    return f"select {', '.join(picks)} from unnest({', '.join(arrays)}) as u({names})", tuple(as_json)  # noqa: S608 - our own column names


def _rows_to_columns(rows: Rows) -> tuple[tuple[str, ...], list[Sequence[Any]]]:
    """Return the names of the columns that rows have, and the values of each."""
    first = rows[0]
    if isinstance(first, Row):
        return first.names(), list(zip(*map(astuple, rows), strict=True))  # type: ignore[arg-type]  # all are like the first
    names = tuple(first)
    return names, [[row[name] for row in rows] for name in names]  # type: ignore[index]  # all are like the first


def _to_sql_arrays(columns: Sequence[Sequence[Any]], as_json: Sequence[bool]) -> list[Sequence[Any]]:
    return [
        [None if value is None else orjson.dumps(value).decode() for value in values] if json else values
        for values, json in zip(columns, as_json, strict=True)
    ]


def _quote_names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@lru_cache(maxsize=512)
def _insert_sql(table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[bool, ...]]:
    select, as_json = _build_unnest_select(table, columns)
    return (
        f'insert into "{table.name}" ({_quote_names(columns)}) {select} on conflict do nothing',
        as_json,
    )


@lru_cache(maxsize=512)
def _upsert_sql(table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[bool, ...]]:
    select, as_json = _build_unnest_select(table, columns)
    key = [column.name for column in table.primary_key]
    changed = [name for name in columns if name not in key]
    action = (
        "do update set " + ", ".join(f'"{name}" = excluded."{name}"' for name in changed) if changed else "do nothing"
    )
    return (
        f'insert into "{table.name}" ({_quote_names(columns)}) {select} on conflict ({_quote_names(key)}) {action}',
        as_json,
    )


@lru_cache(maxsize=512)
def _update_sql(table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[bool, ...]]:
    select, as_json = _build_unnest_select(table, columns)
    key = [column.name for column in table.primary_key]
    changed = ", ".join(f'"{name}" = n."{name}"' for name in columns if name not in key)
    found = " and ".join(f't."{name}" = n."{name}"' for name in key)
    names = _quote_names(columns)
    return f'update "{table.name}" t set {changed} from ({select}) n({names}) where {found}', as_json  # noqa: S608 - from the model


def build_insert(model: type[SQLModel], rows: Rows) -> Write:
    """Write the statement and its arrays for an insert that leaves existing rows alone."""
    names, columns = _rows_to_columns(rows)
    sql, as_json = _insert_sql(get_table(model), names)
    return sql, _to_sql_arrays(columns, as_json)


def build_upsert(model: type[SQLModel], rows: Rows) -> Write:
    """Write the statement and its arrays for an insert-or-update by primary key; the last row of a key wins."""
    table = get_table(model)
    names, columns = _rows_to_columns(rows)
    keys = zip(*(columns[names.index(column.name)] for column in table.primary_key), strict=True)
    last = {key: nth for nth, key in enumerate(keys)}
    if len(last) < len(rows):
        columns = [[values[nth] for nth in last.values()] for values in columns]
    sql, as_json = _upsert_sql(table, names)
    return sql, _to_sql_arrays(columns, as_json)


def build_update(model: type[SQLModel], rows: Rows) -> Write:
    """Write the statement and its arrays for an update by primary key of the columns given, in rows that are there."""
    names, columns = _rows_to_columns(rows)
    sql, as_json = _update_sql(get_table(model), names)
    return sql, _to_sql_arrays(columns, as_json)


_PLACE = re.compile(r"\$(\d+)")


@lru_cache(maxsize=512)
def _renumber_and_join(texts: tuple[str, ...], counts: tuple[int, ...]) -> str:
    parts, first = [], 0
    for text, count in zip(texts, counts, strict=True):
        parts.append(_PLACE.sub(lambda found, first=first: f"${int(found[1]) + first}", text))  # type: ignore[misc]
        first += count
    before = ", ".join(f"part_{nth} as ({text})" for nth, text in enumerate(parts[:-1], start=1))
    return f"with {before} {parts[-1]}" if before else parts[-1]


def combine_writes(writes: Sequence[Write]) -> Write:
    """Return one statement that does what all of these do, each to a table of its own: none sees what others write.

    All but the last must change rows, for PostgreSQL leaves out a part that only reads.

    >>> combine_writes([("delete from a where b = $1", [1]), ("select pg_notify($1, $2)", ["c", "d"])])
    ('with part_1 as (delete from a where b = $1) select pg_notify($2, $3)', [1, 'c', 'd'])
    """
    text = _renumber_and_join(tuple(text for text, _ in writes), tuple(len(arguments) for _, arguments in writes))
    return text, [each for _, arguments in writes for each in arguments]
