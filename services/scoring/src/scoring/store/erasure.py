"""Erasure: every row about a contact, and that later events about them are ignored."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from events.runtime import Transaction, merges
from events.runtime.bulk import table_of
from scoring.models import (
    AccountPersonRow,
    BlockedRow,
    EngagementRow,
    EnrichmentRow,
    ErasureRow,
    LeadRow,
    LifecycleRow,
    OverrideRow,
    ReevaluatedRow,
    ShadowLeadRow,
)
from scoring.store.sql import among

_TABLES = [
    table_of(model)
    for model in (
        EngagementRow,
        LifecycleRow,
        LeadRow,
        OverrideRow,
        BlockedRow,
        ShadowLeadRow,
        ReevaluatedRow,
        AccountPersonRow,
        EnrichmentRow,
    )
]
_DELETE = [sa.delete(table).where(among(table.c.contact_id, sa.Uuid)) for table in _TABLES]
_DELETE.append(sa.delete(table_of(AccountPersonRow)).where(among(table_of(AccountPersonRow).c.person_id, sa.Uuid)))


async def erased(tx: Transaction, contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these contacts who asked to be forgotten."""
    rows = await tx.raw.fetch("select contact_id from erasures where contact_id = any($1)", list(contact_ids))
    return {row["contact_id"] for row in rows}


async def erase(tx: Transaction, contact_id: UUID, at: datetime) -> int:
    """Delete what is known of a contact, remember only that it is erased, and return the number of rows deleted."""
    wanted = {"among": [contact_id]}
    rows = sum([await tx.execute(statement, wanted) for statement in _DELETE])
    rows += await merges.forget(tx, [contact_id])
    await tx.insert(ErasureRow, [{"contact_id": contact_id, "erased_at": at}])
    return rows
