"""SQL that erases a contact, and keeps the receipts of the services."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from capture.domain.from_events import ServiceReceipt
from capture.models import (
    Consents,
    Engagements,
    ErasureReceipts,
    Erasures,
    KeptApartContacts,
    KeyOwners,
    Profiles,
    WaitingImportRows,
)
from capture.store import imports, quarantine
from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import Row

engagements, identities, profiles = get_table(Engagements), get_table(KeyOwners), get_table(Profiles)
consents, erasures, import_rows = get_table(Consents), get_table(Erasures), get_table(WaitingImportRows)
kept_apart = get_table(KeptApartContacts)


async def lock_keys_of_contacts(tx: Transaction, contact_ids: Iterable[UUID]) -> None:
    """Lock the keys of contacts, in key order, so that no submission about them is taken in meanwhile."""
    await tx.fetch(
        sa.select(identities.c.key)
        .where(identities.c.contact_id.in_(list(contact_ids)))
        .order_by(identities.c.key)
        .with_for_update()
    )


async def forget_contact(tx: Transaction, contact_id: UUID) -> int:
    """Delete what is known of a contact and leave its keys with nobody; returns the rows deleted.

    The raised incarnation makes whoever submits under the same address a new subject.
    """
    names = await tx.fetch(sa.select(identities.c.key).where(identities.c.contact_id == contact_id))
    keys = [row["key"] for row in names]
    rows = await quarantine.delete_submissions_of(tx, keys)
    rows += await tx.execute(sa.delete(import_rows).where(import_rows.c.key.in_(keys)))
    rows += await _delete_rejected_cells_of_contact(tx, contact_id)
    rows += await tx.execute(sa.delete(kept_apart).where(kept_apart.c.other_id == contact_id))
    for table in (engagements, consents, kept_apart, profiles):
        rows += await tx.execute(sa.delete(table).where(table.c.contact_id == contact_id))
    await tx.execute(
        sa.update(identities)
        .where(identities.c.contact_id == contact_id)
        .values(contact_id=None, incarnation=identities.c.incarnation + 1)
    )
    return rows


async def _delete_rejected_cells_of_contact(tx: Transaction, contact_id: UUID) -> int:
    """Delete the cells of rejected import rows that name the contact, and return the number of rows."""
    wanted = sa.select(profiles.c.email, profiles.c.email_ascii, profiles.c.phone)
    rows = 0
    for known in await tx.fetch(wanted.where(profiles.c.contact_id == contact_id)):
        rows += await imports.erase_rejects(tx, (known["email"], known["email_ascii"]), known["phone"])
    return rows


async def find_contacts_with_profile(tx: Transaction, contact_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these contacts that are known."""
    rows = await tx.fetch(sa.select(profiles.c.contact_id).where(profiles.c.contact_id.in_(list(contact_ids))))
    return {row["contact_id"] for row in rows}


async def is_erased(tx: Transaction, erasure_id: UUID) -> bool:
    """Return whether this erasure was asked for."""
    return bool(await tx.fetch(sa.select(erasures.c.contact_id).where(erasures.c.erasure_id == erasure_id)))


class RequestedErasure(Row):
    """Who was forgotten, and by whose key that was asked."""

    erasure_id: UUID
    contact_id: UUID
    requested_at: datetime
    requested_by: str


async def save_erasure(tx: Transaction, erasure: RequestedErasure) -> None:
    """Note that a contact was forgotten."""
    await tx.insert(Erasures, [erasure])


async def save_receipts(tx: Transaction, received: Iterable[ServiceReceipt]) -> None:
    """Save receipts; the first of each service stays."""
    await tx.insert(ErasureReceipts, [receipt._asdict() for receipt in received])
