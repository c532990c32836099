"""Erasure: every row about a contact, and that later events about them are ignored."""

from collections.abc import Collection
from uuid import UUID

from events.runtime import Transaction
from newcomer.models import Erasure


async def erase(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, int]:
    """Delete what is known of contacts, and ignore later events about them; return the rows deleted of each."""
    ids = sorted(contact_ids)
    rows = dict.fromkeys(ids, 0)
    for row in await tx.raw.fetch("delete from cases where contact_id = any($1) returning contact_id", ids):
        rows[row["contact_id"]] += 1
    await tx.insert(Erasure, [{"contact_id": contact_id, "erased_at": tx.now} for contact_id in ids])
    return rows
