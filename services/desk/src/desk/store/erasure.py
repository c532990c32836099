"""Erasure: every row about a contact, and that later events about them are ignored."""

from collections.abc import Collection
from uuid import UUID

from desk.models import ErasureRow
from events.runtime import Transaction, merges
from events.runtime.rows import find_stored_ids

TABLES = ("leads", "people", "entries", "promises", "remarks", "messages", "meetings", "action_links")
"""Those that hold something of a contact."""


async def find_erased_contacts(tx: Transaction, contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those contacts who were erased."""
    return await find_stored_ids(tx, ErasureRow, contact_ids)


async def erase(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, int]:
    """Delete what is known of contacts, and ignore later events about them; return the rows deleted of each."""
    ids = sorted(contact_ids)
    rows = dict.fromkeys(ids, 0)
    for table in TABLES:
        deleted = await tx.raw.fetch(
            f"delete from {table} where contact_id = any($1) returning contact_id",
            ids,
        )
        for row in deleted:
            rows[row["contact_id"]] += 1
    for contact_id in ids:
        rows[contact_id] += await merges.delete_merges(tx, [contact_id])
    await tx.insert(ErasureRow, [{"contact_id": contact_id, "erased_at": tx.now} for contact_id in ids])
    return rows
