"""Erasure: every row about a contact, in one statement."""

from collections.abc import Collection
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import find_stored_ids
from routing.models import ErasedContacts

_ERASE = (
    "with gone as (delete from leads where contact_id = $1 returning state, rep_id),"
    " decided as (delete from decisions where contact_id = $1 returning 1),"
    " answered as (delete from wishes where contact_id = $1 returning 1)"
    " select rep_id, state from gone union all select null, null from decided union all select null, null from answered"
)


async def find_erased_contacts(tx: Transaction, contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these contacts who asked to be forgotten."""
    return await find_stored_ids(tx, ErasedContacts, contact_ids)


async def erase(tx: Transaction, contact_id: UUID) -> tuple[int, list[str]]:
    """Delete everything about a contact, and ignore later events about them.

    Returns:
        The number of rows deleted, and the rep of each lead that was assigned.
    """
    await tx.insert(ErasedContacts, [{"contact_id": contact_id}])
    rows = await tx.raw.fetch(_ERASE, contact_id)
    return len(rows), [row["rep_id"] for row in rows if row["state"] == "assigned"]
