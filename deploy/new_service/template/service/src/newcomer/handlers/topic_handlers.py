"""What newcomer does with each event."""

from collections.abc import Sequence

from events.contacts import ContactErased
from events.leads import LeadLifecycle
from events.runtime import Transaction
from newcomer import domain, store


async def on_leads_lifecycle(batch: Sequence[LeadLifecycle], tx: Transaction) -> None:
    """Know where each person's last cycle stands."""
    await store.save(tx, [case for event in batch if (case := domain.case_of(event))])


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Erase contacts, and publish the receipts with how many rows that were."""
    ids = {event.contact_id for event in batch}
    rows = await store.erase(tx, ids)
    for contact_id in sorted(ids):
        rows[contact_id] += await tx.erase([contact_id])
    for receipt in domain.receipts(batch, rows, tx.service, tx.now):
        tx.emit(receipt)
