"""Forget a contact everywhere: here at once, in the other services by an event that each answers with a receipt."""

from uuid import UUID

from capture.domain.from_events import read_receipt
from capture.handlers.errors import ContactUnknown
from capture.store import erasure as store
from capture.store import suppressions
from events import topics
from events.contacts import ContactErased
from events.ids import derive_id
from events.runtime import Transaction, merges


async def erase_person(contact_id: UUID, asked_by: str, tx: Transaction, *, suppress: bool = False) -> UUID:
    """Erase a contact and all others that are the same person; returns the erasure's id, the same however often asked.

    With `suppress` their keyed names stay on the suppression list: whoever comes back is not written to.
    """
    erasure_id = derive_id("erasure", contact_id)
    await store.lock_keys_of_contacts(
        tx, (await merges.load_people_of_contacts(tx, [contact_id]))[contact_id].contact_ids
    )
    members = (await merges.load_people_of_contacts(tx, [contact_id], lock=True))[contact_id].contact_ids
    there = await store.find_contacts_with_profile(tx, members)
    if contact_id not in there:
        if await store.is_erased(tx, erasure_id):
            return erasure_id
        raise ContactUnknown
    if suppress:
        keys = await suppressions.load_all_keys_of_contacts(tx, members)
        await suppressions.save_suppressions(tx, keys, ["all"], "erased")
    for member in sorted(there):
        await _erase_contact(member, asked_by, tx)
    await merges.delete_merges(tx, members)
    return erasure_id


async def _erase_contact(contact_id: UUID, asked_by: str, tx: Transaction) -> None:
    erasure_id = derive_id("erasure", contact_id)
    rows = await store.forget_contact(tx, contact_id) + await tx.erase([contact_id])
    await store.save_erasure(tx, store.RequestedErasure(erasure_id, contact_id, tx.now, asked_by))
    erased = ContactErased(occurred_at=tx.now, contact_id=contact_id, erasure_id=erasure_id)
    mine = erased.build_receipt(tx.service, rows, tx.now)
    tx.emit_tombstone(topics.CONTACTS_PROFILES, contact_id)
    tx.emit(erased)
    tx.emit(mine)
    await store.save_receipts(tx, [read_receipt(mine)])
