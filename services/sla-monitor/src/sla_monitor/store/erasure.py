"""Erasure: every row about a contact, and that later events about them are ignored."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from events.runtime import Transaction
from events.runtime.bulk import get_table
from sla_monitor.models import ClockRow, CommentRow, DeliveryRow, ErasedContactRow, LeadRow
from sla_monitor.store.leads import build_is_in_array

leads, clocks, comments = get_table(LeadRow), get_table(ClockRow), get_table(CommentRow)


async def erase(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, int]:
    """Delete what is known of contacts, and ignore later events about them; return the rows deleted of each."""
    ids = list(contact_ids)
    rows = dict.fromkeys(ids, 0)
    for table in (get_table(DeliveryRow), comments, clocks, leads):
        statement = sa.delete(table).where(build_is_in_array(table.c.contact_id, sa.Uuid)).returning(table.c.contact_id)
        for row in await tx.fetch(statement, {"among": ids}):
            rows[row["contact_id"]] += 1
    await tx.insert(ErasedContactRow, [{"contact_id": contact_id, "erased_at": tx.now} for contact_id in ids])
    return rows
