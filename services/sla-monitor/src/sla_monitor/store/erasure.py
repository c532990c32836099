"""Erasure: every row about a contact, and that later events about them are ignored."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from events.runtime import Transaction
from events.runtime.bulk import table_of
from sla_monitor.models import ClockRow, Comment, Delivery, Erasure, Lead
from sla_monitor.store.leads import among

leads, clocks, comments = table_of(Lead), table_of(ClockRow), table_of(Comment)


async def erase(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, int]:
    """Delete what is known of contacts, and ignore later events about them; return the rows deleted of each."""
    ids = list(contact_ids)
    rows = dict.fromkeys(ids, 0)
    for table in (table_of(Delivery), comments, clocks, leads):
        statement = sa.delete(table).where(among(table.c.contact_id, sa.Uuid)).returning(table.c.contact_id)
        for row in await tx.fetch(statement, {"among": ids}):
            rows[row["contact_id"]] += 1
    await tx.insert(Erasure, [{"contact_id": contact_id, "erased_at": tx.now} for contact_id in ids])
    return rows
