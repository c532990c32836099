"""Erasure: every row about a contact, and that later events about them are ignored."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from events.runtime import Transaction, merges
from events.runtime.bulk import get_table
from events.runtime.rows import find_stored_ids
from scoring.models import (
    AccountPersonRow,
    BlockedCrossingRow,
    EngagementRow,
    EnrichmentQuestionRow,
    ErasedContactRow,
    LeadRow,
    LifecycleFactRow,
    OverrideRow,
    ReevaluatedLeadRow,
    ShadowLeadRow,
)
from scoring.store.sql import build_equals_any

_TABLES = [
    get_table(model)
    for model in (
        EngagementRow,
        LifecycleFactRow,
        LeadRow,
        OverrideRow,
        BlockedCrossingRow,
        ShadowLeadRow,
        ReevaluatedLeadRow,
        AccountPersonRow,
        EnrichmentQuestionRow,
    )
]
_DELETE = [sa.delete(table).where(build_equals_any(table.c.contact_id, sa.Uuid)) for table in _TABLES]
_DELETE.append(
    sa.delete(get_table(AccountPersonRow)).where(build_equals_any(get_table(AccountPersonRow).c.person_id, sa.Uuid))
)


async def find_erased_contacts(tx: Transaction, contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these contacts who asked to be forgotten."""
    return await find_stored_ids(tx, ErasedContactRow, contact_ids)


async def erase(tx: Transaction, contact_id: UUID, at: datetime) -> int:
    """Delete what is known of a contact, remember only that it is erased, and return the number of rows deleted."""
    wanted = {"among": [contact_id]}
    rows = sum([await tx.execute(statement, wanted) for statement in _DELETE])
    rows += await merges.delete_merges(tx, [contact_id])
    await tx.insert(ErasedContactRow, [{"contact_id": contact_id, "erased_at": at}])
    return rows
