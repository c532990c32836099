"""Commands: somebody looked at a case."""

from uuid import UUID

from events.runtime import Transaction
from newcomer import store
from newcomer.domain import Case
from newcomer.handlers.errors import CaseUnknown


async def handle(tx: Transaction, contact_id: UUID, by: str) -> Case:
    """Save that somebody looked at a case, and return it; a second time changes who and when.

    Raises:
        CaseUnknown: Nobody of this id was ever a lead.
    """
    await tx.lock_contacts([contact_id])
    await store.handle(tx, contact_id, by)
    case = await store.load(tx, contact_id)
    if case is None:
        raise CaseUnknown
    return case
