"""Import a CSV file row by row: count, save rejected rows for repair, and rows for a later day."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from capture.domain import arrival
from capture.domain.identity import IdentityHasher
from capture.domain.sheet import ColumnMapping
from capture.domain.submission import Submission, Values
from capture.handlers.errors import ImportUnknown, MappingUnknown
from capture.handlers.queries import show_import
from capture.playbook import CapturePlaybook
from capture.store import imports as store
from capture.store.imports import FileFacts, ImportRow, RejectedRow, SavedMapping, WaitingRow
from events.parts import JsonObject
from events.runtime import Transaction

RELEASE, FORGET = "import.release", "import.forget_rejects"
REPAIR = timedelta(days=30)
"""How long rejected rows are kept."""


async def begin_import(
    import_id: UUID, columns: ColumnMapping, per_day: int | None, sent_by: str, tx: Transaction
) -> None:
    """Begin an import, or read the same file once more after it broke off."""
    import_row = await store.find_import(tx, import_id, lock=True)
    row = ImportRow(
        import_id, "reading", sent_by, begun_at=tx.now, ended_at=None, header=list(columns.header),
        mapping=columns.column_by_field(), per_day=per_day, waiting=import_row.waiting if import_row else 0,
        file={"unmapped": columns.unmapped_columns()},
    )  # fmt: skip
    await store.save_begun_import(tx, row)


async def save_row_counts(
    import_id: UUID, counts: Mapping[str, int], rejected: Sequence[RejectedRow], tx: Transaction
) -> None:
    """Note what became of all rows so far, and keep those that were rejected of the last."""
    await store.save_rejects(tx, import_id, rejected)
    await store.update_import(tx, import_id, **counts)


class ReadImportRow(NamedTuple):
    """A row that was read: its number, the submission that it is, and its values as sent."""

    row: int
    submission: Submission
    values: Values


async def save_rows_for_release(
    hasher: IdentityHasher, import_id: UUID, rows: Sequence[ReadImportRow], tx: Transaction
) -> None:
    """Save rows for their day."""
    rules = tx.playbook(CapturePlaybook)
    await store.save_waiting(
        tx,
        [
            (
                arrival.make_arrival(row.submission, hasher, rules, tx.now).keys[0],
                WaitingRow(import_id, row.row, row.values),
            )
            for row in rows
        ],
    )


async def mark_broken_off(import_id: UUID, tx: Transaction) -> None:
    """Note that the sender went away in the middle; sending the same file again goes on."""
    waiting = await store.count_waiting(tx, import_id)
    await store.update_import(tx, import_id, state="broken_off", waiting=waiting, ended_at=tx.now)


async def end_import(
    import_id: UUID, file: FileFacts, put_aside: list[dict[str, str | int]], tx: Transaction
) -> ImportRow:
    """Note that a file was read to its end, what it is and which cells were put aside; returns the import."""
    found = await store.find_import(tx, import_id, lock=True)
    if found is None:
        raise ImportUnknown
    waiting = await store.count_waiting(tx, import_id)
    await store.update_import(
        tx,
        import_id,
        state="releasing" if waiting else "done",
        waiting=waiting,
        ended_at=tx.now,
        file={**found.file, **file},
        put_aside=put_aside,
    )
    if waiting:
        tx.schedule(RELEASE, import_id, import_id, tx.now)
    if found.rejected:
        tx.schedule(FORGET, import_id, import_id, tx.now + REPAIR)
    return await show_import(import_id, tx)


async def save_mapping(name: str, asked: JsonObject, tx: Transaction) -> SavedMapping:
    """Save what is asked of a kind of list under a name."""
    await store.save_mapping(tx, name, asked)
    return SavedMapping(name, asked)


async def delete_mapping(name: str, tx: Transaction) -> None:
    """Delete a saved mapping."""
    if not await store.delete_mapping(tx, name):
        raise MappingUnknown
