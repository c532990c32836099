"""SQL about who is one person, beside the runtime's."""

from uuid import UUID

from capture.domain.people import Merge
from capture.models import KeptApartContacts
from events.runtime import Transaction

_FIND = """
select merge_id, survivor_id, loser_id from merges where loser_id = $1 and not undone order by merged_at desc limit 1
"""
_BRING_TOGETHER = "delete from kept_apart where contact_id = any($1) and other_id = any($1)"


async def find_merge(tx: Transaction, loser_id: UUID) -> Merge | None:
    """Return the merge in force that made a contact part of another."""
    rows = await tx.raw.fetch(_FIND, loser_id)
    return Merge(rows[0]["merge_id"], rows[0]["survivor_id"], rows[0]["loser_id"]) if rows else None


async def save_kept_apart(tx: Transaction, pair: tuple[UUID, UUID], by: str) -> None:
    """Note that two contacts are two people; again changes nothing."""
    both_ways = (pair, pair[::-1])
    rows = [{"contact_id": contact, "other_id": other, "at": tx.now, "by": by} for contact, other in both_ways]
    await tx.insert(KeptApartContacts, rows)


async def delete_kept_apart(tx: Transaction, contact_ids: list[UUID]) -> None:
    """Forget that any two of these contacts are two people."""
    await tx.raw.execute(_BRING_TOGETHER, contact_ids)
