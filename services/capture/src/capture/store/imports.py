"""SQL of CSV imports: how far they got, what waits for its release, what was rejected."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from capture.domain.submission import Values
from capture.models import Imports, RejectedImportRows, SavedMappings, WaitingImportRows
from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import Row, field, read_row, read_rows

imports, waiting, rejects = get_table(Imports), get_table(WaitingImportRows), get_table(RejectedImportRows)
mappings = get_table(SavedMappings)


FileFacts = dict[str, str | int | list[str] | None]
"""What a file is and what became of its lines, by name: see `ImportFileAnswer`."""


class ImportRow(Row):
    """How far an import is."""

    import_id: UUID
    state: str
    sent_by: str
    begun_at: datetime
    ended_at: datetime | None
    header: list[str]
    mapping: dict[str, str]
    per_day: int | None
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    waiting: int = 0
    file: FileFacts = {}
    put_aside: list[dict[str, str | int]] = []


class ReleasePlan(Row):
    """How an import releases its rows: so many `per_day` at most, None for all at once."""

    import_id: UUID
    header: list[str]
    mapping: dict[str, str]
    per_day: int | None
    accepted: int
    duplicates: int
    rejected: int
    waiting: int
    left_today: int


class ReleasedRow(Row):
    """A row of an import that was released, as it was sent; `row` is its number in the file."""

    row: int
    values: Values = field(name="told")


class WaitingRow(Row):
    """A row of an import that waits for its release, as it was sent."""

    import_id: UUID
    row: int
    values: Values = field(name="told")


class RejectedRow(Row):
    """A row of an import that was not taken; `cells` is None where it could not be read at all."""

    row: int
    cells: list[str] | None
    field: str
    code: str
    line: int | None = None
    """Its first line in the file, from 1; None where it was rejected at its release."""


class SavedMapping(Row):
    """What is asked of a kind of list, saved under a name."""

    name: str
    asked: JsonObject


_RELEASE = """
delete from import_rows r using (
    select import_id, row from import_rows where import_id = $1 order by row limit $2 for update
) n where r.import_id = n.import_id and r.row = n.row returning r.row, r.told
"""

_MAPPINGS = sa.select(*SavedMapping.columns(mappings))

_ERASE_REJECTS = r"""
update import_rejects set cells = null where cells is not null and exists (
    select from jsonb_array_elements_text(cells) as c(cell)
    where lower(cell) like any($1::text[]) or regexp_replace(cell, '\D', '', 'g') like $2
) returning row
"""
_SHARED_DIGITS = 9
"""The last digits of a phone, which all its spellings share."""


async def save_begun_import(tx: Transaction, row: ImportRow) -> None:
    """Note that a file is being read, or read once more; the first day's rows may be released."""
    await tx.upsert(Imports, [{**row.as_dict(), "left_today": row.per_day or 0}])


async def update_import(tx: Transaction, import_id: UUID, **values: Any) -> None:
    """Change what is known of an import."""
    await tx.execute(sa.update(imports).where(imports.c.import_id == import_id).values(**values))


async def find_import(tx: Transaction, import_id: UUID, *, lock: bool = False) -> ImportRow | None:
    """Return an import, None where there is none; with `lock`, locked to the end of the transaction."""
    wanted = sa.select(*ImportRow.columns(imports)).where(imports.c.import_id == import_id)
    return await read_row(tx, ImportRow, wanted.with_for_update() if lock else wanted)


async def list_imports(tx: Transaction, limit: int, after: tuple[datetime, UUID] | None) -> list[ImportRow]:
    """List imports, the latest first, from behind the position `after` on."""
    position = sa.tuple_(imports.c.begun_at, imports.c.import_id)
    wanted = sa.select(*ImportRow.columns(imports))
    if after is not None:
        wanted = wanted.where(position < sa.tuple_(*map(sa.literal, after)))
    return await read_rows(tx, ImportRow, wanted.order_by(position.desc()).limit(limit))


async def lock_release_plan(tx: Transaction, import_id: UUID) -> ReleasePlan | None:
    """Return and lock how an import releases its rows, None where there is none."""
    wanted = sa.select(*ReleasePlan.columns(imports)).where(imports.c.import_id == import_id)
    return await read_row(tx, ReleasePlan, wanted.with_for_update())


async def save_waiting(tx: Transaction, rows: Iterable[tuple[UUID, WaitingRow]]) -> None:
    """Keep rows, each with the key of its person, to release them later; a row that waits already is the same."""
    await tx.insert(WaitingImportRows, [{"key": key, **row.as_dict()} for key, row in rows])


async def count_waiting(tx: Transaction, import_id: UUID) -> int:
    """Count the rows that wait for their release."""
    found = sa.select(sa.func.count().label("n")).where(waiting.c.import_id == import_id)
    return int((await tx.fetch(found))[0]["n"])


async def save_rejects(tx: Transaction, import_id: UUID, rows: Iterable[RejectedRow]) -> None:
    """Keep rows that were not taken."""
    await tx.upsert(RejectedImportRows, [{"import_id": import_id, **row.as_dict()} for row in rows])


async def forget_rejects(tx: Transaction, import_id: UUID) -> None:
    """Forget the rows that nobody repaired."""
    await tx.execute(sa.delete(rejects).where(rejects.c.import_id == import_id))


async def erase_rejects(tx: Transaction, texts: Iterable[str | None], phone: str | None) -> int:
    """Delete the cells of rejected rows that hold one of these texts or the phone, and return the number of rows.

    The row's number and its code stay. Spelling, case and what stands around do not matter.
    """
    patterns = [_like_pattern(text) for text in texts if text]
    digits = f"%{phone[-_SHARED_DIGITS:]}%" if phone else None
    if not patterns and digits is None:
        return 0
    rows = await tx.raw.fetch(_ERASE_REJECTS, patterns, digits)
    return len(rows)


def _like_pattern(text: str) -> str:
    escaped = text.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


async def take_rows_to_release(tx: Transaction, import_id: UUID, most: int) -> list[ReleasedRow]:
    """Take the next rows that wait, in the order of the file."""
    return sorted(await read_rows(tx, ReleasedRow, _RELEASE, import_id, most), key=attrgetter("row"))


async def load_rejects(tx: Transaction, import_id: UUID, after: int, most: int) -> list[RejectedRow]:
    """Return the rejected rows after one of them, in the order of the file."""
    wanted = sa.select(*RejectedRow.columns(rejects)).where(rejects.c.import_id == import_id, rejects.c.row > after)
    return await read_rows(tx, RejectedRow, wanted.order_by(rejects.c.row).limit(most))


async def load_waiting_rows_of(tx: Transaction, keys: Sequence[UUID]) -> list[WaitingRow]:
    """Return the rows about a person that wait for their release."""
    if not keys:
        return []
    wanted = sa.select(*WaitingRow.columns(waiting)).where(waiting.c.key.in_(keys))
    return await read_rows(tx, WaitingRow, wanted.order_by(waiting.c.import_id, waiting.c.row))


async def count_cells_of_widest_reject(tx: Transaction, import_id: UUID) -> int:
    """Return the most cells that a rejected row has."""
    widths = sa.func.coalesce(sa.func.max(sa.func.jsonb_array_length(rejects.c.cells)), 0).label("n")
    return int((await tx.fetch(sa.select(widths).where(rejects.c.import_id == import_id)))[0]["n"])


async def save_mapping(tx: Transaction, name: str, asked: JsonObject) -> None:
    """Keep what is asked of a kind of list under a name, in place of what was there."""
    await tx.upsert(SavedMappings, [{"name": name, "asked": asked}])


async def find_mapping(tx: Transaction, name: str) -> SavedMapping | None:
    """Return what was saved under a name, None where nothing was."""
    return await read_row(tx, SavedMapping, _MAPPINGS.where(mappings.c.name == name))


async def list_mappings(tx: Transaction) -> list[SavedMapping]:
    """Return all that was saved, by name."""
    return await read_rows(tx, SavedMapping, _MAPPINGS.order_by(mappings.c.name))


async def delete_mapping(tx: Transaction, name: str) -> bool:
    """Delete what was saved under a name; returns whether it was there."""
    return bool(await tx.execute(sa.delete(mappings).where(mappings.c.name == name)))
