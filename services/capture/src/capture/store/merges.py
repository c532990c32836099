"""SQL about who is one person, beside the runtime's."""

from uuid import UUID

from capture.domain.people import Merge
from events.runtime import Transaction

_FIND = """
select merge_id, survivor_id, loser_id from merges where loser_id = $1 and not undone order by merged_at desc limit 1
"""


async def find_merge(tx: Transaction, loser_id: UUID) -> Merge | None:
    """Return the merge in force that made a contact part of another."""
    rows = await tx.raw.fetch(_FIND, loser_id)
    return Merge(rows[0]["merge_id"], rows[0]["survivor_id"], rows[0]["loser_id"]) if rows else None
