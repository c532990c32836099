"""SQL of CSV imports: how far they got, what waits for its release, what was rejected."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from capture.models import ImportRejects, ImportRows, Imports, Mappings
from events.runtime import Transaction
from events.runtime.bulk import table_of

imports, waiting, rejects = table_of(Imports), table_of(ImportRows), table_of(ImportRejects)
mappings = table_of(Mappings)

COUNTS = ("rows", "accepted", "duplicates", "rejected", "waiting")

_RELEASE = """
delete from import_rows r using (
    select import_id, row from import_rows where import_id = $1 order by row limit $2 for update
) n where r.import_id = n.import_id and r.row = n.row returning r.row, r.told
"""


_ERASE_REJECTS = r"""
update import_rejects set cells = null where cells is not null and exists (
    select from jsonb_array_elements_text(cells) as c(cell)
    where lower(cell) like any($1::text[]) or regexp_replace(cell, '\D', '', 'g') like $2
) returning row
"""
_SHARED_DIGITS = 9
"""The last digits of a phone, which all its spellings share."""


async def begin(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Note that a file is being read, or read once more."""
    await tx.upsert(Imports, [row])


async def count(tx: Transaction, import_id: UUID, found: Mapping[str, int]) -> None:
    """Add to an import's counts."""
    more = {name: imports.c[name] + found.get(name, 0) for name in COUNTS}
    await tx.execute(sa.update(imports).where(imports.c.import_id == import_id).values(**more))


async def change(tx: Transaction, import_id: UUID, **values: Any) -> None:
    """Change what is known of an import."""
    await tx.execute(sa.update(imports).where(imports.c.import_id == import_id).values(**values))


async def find(tx: Transaction, import_id: UUID, *, lock: bool = False) -> dict[str, Any] | None:
    """Return an import, None where there is none; with `lock`, locked to the end of the transaction."""
    wanted = sa.select(imports).where(imports.c.import_id == import_id)
    rows = await tx.fetch(wanted.with_for_update() if lock else wanted)
    return rows[0] if rows else None


async def save_waiting(tx: Transaction, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep rows that are to be released later; a row that waits already is the same."""
    await tx.insert(ImportRows, rows)


async def count_waiting(tx: Transaction, import_id: UUID) -> int:
    """Count the rows that wait for their release."""
    found = sa.select(sa.func.count().label("n")).where(waiting.c.import_id == import_id)
    return int((await tx.fetch(found))[0]["n"])


async def save_rejects(tx: Transaction, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep rows that were not taken."""
    await tx.upsert(ImportRejects, rows)


async def forget_rejects(tx: Transaction, import_id: UUID) -> None:
    """Forget the rows that nobody repaired."""
    await tx.execute(sa.delete(rejects).where(rejects.c.import_id == import_id))


async def erase_rejects(tx: Transaction, texts: Iterable[str | None], phone: str | None) -> int:
    """Delete the cells of rejected rows that hold one of these texts or the phone, and return the number of rows.

    The row's number and its code stay. Spelling, case and what stands around do not matter.
    """
    patterns = [_pattern(text) for text in texts if text]
    digits = f"%{phone[-_SHARED_DIGITS:]}%" if phone else None
    if not patterns and digits is None:
        return 0
    rows = await tx.raw.fetch(_ERASE_REJECTS, patterns, digits)
    return len(rows)


def _pattern(text: str) -> str:
    escaped = text.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


async def release(tx: Transaction, import_id: UUID, most: int) -> list[tuple[int, dict[str, Any]]]:
    """Take the next rows that wait, in the order of the file."""
    rows = await tx.raw.fetch(_RELEASE, import_id, most)
    return sorted((row["row"], row["told"]) for row in rows)


async def load_rejects(tx: Transaction, import_id: UUID, after: int, most: int) -> list[dict[str, Any]]:
    """Return the rejected rows after one of them, in the order of the file."""
    return await tx.fetch(
        sa.select(rejects)
        .where(rejects.c.import_id == import_id, rejects.c.row > after)
        .order_by(rejects.c.row)
        .limit(most)
    )


async def waiting_for(tx: Transaction, keys: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return the rows about a person that wait for their release."""
    wanted = sa.select(waiting.c.import_id, waiting.c.row, waiting.c.told).where(waiting.c.key.in_(keys))
    return await tx.fetch(wanted.order_by(waiting.c.import_id, waiting.c.row)) if keys else []


async def widest_reject(tx: Transaction, import_id: UUID) -> int:
    """Return the most cells that a rejected row has."""
    widths = sa.func.coalesce(sa.func.max(sa.func.jsonb_array_length(rejects.c.cells)), 0).label("n")
    return int((await tx.fetch(sa.select(widths).where(rejects.c.import_id == import_id)))[0]["n"])


async def save_mapping(tx: Transaction, name: str, asked: Mapping[str, Any]) -> None:
    """Keep what is asked of a kind of list under a name, in place of what was there."""
    await tx.upsert(Mappings, [{"name": name, "asked": dict(asked)}])


async def find_mapping(tx: Transaction, name: str) -> dict[str, Any] | None:
    """Return what was saved under a name, None where nothing was."""
    rows = await tx.fetch(sa.select(mappings.c.asked).where(mappings.c.name == name))
    return rows[0]["asked"] if rows else None


async def list_mappings(tx: Transaction) -> list[dict[str, Any]]:
    """Return all that was saved, by name."""
    return await tx.fetch(sa.select(mappings).order_by(mappings.c.name))


async def delete_mapping(tx: Transaction, name: str) -> bool:
    """Delete what was saved under a name; returns whether it was there."""
    return bool(await tx.execute(sa.delete(mappings).where(mappings.c.name == name)))
