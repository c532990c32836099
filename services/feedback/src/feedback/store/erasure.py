"""Erasure: every row about a contact, and that later facts about them are ignored."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, insert, literal, select
from sqlmodel import SQLModel, col

from events.runtime import Transaction
from events.runtime.rows import find_stored_ids
from feedback.models import (
    ContactRow,
    CustomerChangeRow,
    ErasedContactRow,
    ErasedLeadRow,
    EvidenceRow,
    FeedbackRow,
    HistoryRow,
    IdentityRow,
    LeadRow,
    NoteRow,
    ProposalSourceRow,
    SignalRow,
)

_OWN: tuple[type[SQLModel], ...] = (
    HistoryRow, NoteRow, EvidenceRow, SignalRow, CustomerChangeRow, FeedbackRow, IdentityRow, ProposalSourceRow,
    LeadRow, ContactRow,
)  # fmt: skip


async def find_erased_contacts(tx: Transaction, contact_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these contacts who asked to be forgotten."""
    return await find_stored_ids(tx, ErasedContactRow, contact_ids)


async def find_erased_leads(tx: Transaction, lead_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these leads whose person asked to be forgotten."""
    return await find_stored_ids(tx, ErasedLeadRow, lead_ids, "lead_id")


async def erase(tx: Transaction, contact_id: UUID) -> int:
    """Delete everything about a contact and remember only that it was; gives the rows deleted."""
    await tx.execute(
        insert(ErasedLeadRow).from_select(
            ["lead_id"], select(col(LeadRow.lead_id)).where(col(LeadRow.contact_id) == contact_id)
        )
    )
    await tx.insert(ErasedContactRow, [{"contact_id": contact_id, "erased_at": tx.now}])
    rows = 0
    for table in _OWN:
        rows += await tx.execute(delete(table).where(col(table.contact_id) == literal(contact_id)))  # type: ignore[attr-defined]
    return rows
