"""What arrives on topics: the receipts of services that erased a contact."""

from collections.abc import Sequence

from capture.domain.from_events import read_receipt
from capture.store import erasure as store
from events.contacts import ErasureReceipt
from events.runtime import Transaction


async def on_contacts_receipts(batch: Sequence[ErasureReceipt], tx: Transaction) -> None:
    """Save the receipts of services that erased a contact."""
    await store.save_receipts(tx, [read_receipt(event) for event in batch])
