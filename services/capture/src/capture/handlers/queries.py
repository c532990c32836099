"""What capture answers about contacts, erasures, imports, accounts, forms and the quarantine."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from capture.domain.duplicates import PossibleDuplicate, compare
from capture.domain.identity import Email, Keyring
from capture.domain.profile import Profile, joined
from capture.handlers.errors import (
    AccountUnknown,
    ContactUnknown,
    ErasureUnknown,
    FormUnknown,
    ImportUnknown,
    MappingUnknown,
)
from capture.playbook import CapturePlaybook, Form
from capture.store import contacts, duplicates, imports, quarantine, registers, views
from capture.store.imports import ImportRow, RejectedRow, SavedMapping
from capture.store.quarantine import QuarantinedRow
from capture.store.registers import AccountRow, Paper, Use
from capture.store.views import ContactHistory, ErasureRow, ReceiptRow
from events import topics
from events.runtime import Transaction, merges

AT_ONCE, MOST_AT_ONCE = 50, 500
"""So many contacts are compared with those near them in one step, and in one question."""
NEAR = 100
"""Who shares a phone, a domain or a name with a contact, beyond so many, is not compared with it."""
LAST = UUID(int=2**128 - 1)
Pair = tuple[UUID, UUID]


class StoredContact(NamedTuple):
    """All that is stored about the person of a contact: as one profile, those merged into it, and what they did."""

    profile: Profile
    merged: Sequence[Profile]
    history: ContactHistory


class ErasureProgress(ErasureRow, kw_only=True):
    """An erasure: who has answered, and who has not yet."""

    receipts: list[ReceiptRow]
    waiting_for: list[str]
    complete: bool


class AccountUse(AccountRow, kw_only=True):
    """A company with its subsidiaries and the use of the product by all of them."""

    subsidiaries: list[str]
    users: list[Use]


async def show_contact(contact_id: UUID, tx: Transaction) -> StoredContact:
    """Return all that is stored about the person of a contact."""
    person = (await merges.people(tx, [contact_id]))[contact_id]
    profiles = await contacts.load_profiles(tx, person.contact_ids)
    if contact_id not in profiles:
        raise ContactUnknown
    known = [profiles[member] for member in person.contact_ids]
    return StoredContact(joined(known), known[1:], await views.load_contact(tx, person.contact_ids))


async def find_contact(email: Email, keyring: Keyring, tx: Transaction) -> StoredContact:
    """Return the contact behind an e-mail."""
    contact_id = await views.find_contact(
        tx, keyring.email(email, plus_tags=tx.playbook(CapturePlaybook).email.plus_tags)
    )
    if contact_id is None:
        raise ContactUnknown
    return await show_contact(contact_id, tx)


async def show_erasure(erasure_id: UUID, tx: Transaction) -> ErasureProgress:
    """Return an erasure: who has answered, and who has not yet."""
    found = await views.load_erasure(tx, erasure_id)
    if found is None:
        raise ErasureUnknown
    receipts = await views.load_receipts(tx, erasure_id)
    answered = {receipt.service for receipt in receipts}
    waiting = [service for service in topics.SERVICES if service not in answered]
    return ErasureProgress(**found.as_dict(), receipts=receipts, waiting_for=waiting, complete=not waiting)


async def show_import(import_id: UUID, tx: Transaction) -> ImportRow:
    """Return an import's progress."""
    found = await imports.find(tx, import_id)
    if found is None:
        raise ImportUnknown
    return found


async def show_imports(limit: int, after: tuple[datetime, UUID] | None, tx: Transaction) -> list[ImportRow]:
    """Return imports with their progress, the latest first."""
    return await imports.list_imports(tx, limit, after)


async def show_mapping(name: str, tx: Transaction) -> SavedMapping:
    """Return what was saved under a name."""
    found = await imports.find_mapping(tx, name)
    if found is None:
        raise MappingUnknown
    return found


async def show_mappings(tx: Transaction) -> list[SavedMapping]:
    """Return all saved mappings, by name."""
    return await imports.list_mappings(tx)


async def show_rejects(import_id: UUID, after: int, most: int, tx: Transaction) -> list[RejectedRow]:
    """Return the rejected rows after one of them."""
    return await imports.load_rejects(tx, import_id, after, most)


async def widest_reject(import_id: UUID, tx: Transaction) -> int:
    """Return the most cells that a rejected row has."""
    return await imports.widest_reject(tx, import_id)


async def show_account(domain: str, tx: Transaction) -> AccountUse:
    """Return an account by its domain or an alias, with its subsidiaries and its users of each month."""
    family = await registers.load_family(tx, domain)
    if not family:
        raise AccountUnknown
    domains = {name for row in family for name in (row.domain, *row.aliases)}
    users = await registers.count_users(tx, sorted(domains), tx.playbook(CapturePlaybook).product_use)
    return AccountUse(**family[0].as_dict(), subsidiaries=[row.domain for row in family[1:]], users=users)


async def show_quarantine(
    state: str, limit: int, after: tuple[datetime, UUID] | None, tx: Transaction
) -> list[QuarantinedRow]:
    """Return the submissions in quarantine in this state, newest first."""
    return await quarantine.list_submissions(tx, state, limit, after)


async def find_paper(engagement_id: UUID, tx: Transaction) -> Paper | None:
    """Return title and address of what an engagement asked for; None where the catalogue has no address of it."""
    return await registers.find_paper(tx, engagement_id)


def form_in_force(name: str, tx: Transaction) -> Form:
    """Return a form by its name."""
    found = tx.playbook(CapturePlaybook).forms.get(name)
    if found is None:
        raise FormUnknown
    return found


async def possible_duplicates(
    after: Pair | None, most: int, tx: Transaction
) -> tuple[list[PossibleDuplicate], Pair | None]:
    """Return the next pairs of contacts that may be one person, and where to go on; None: all were looked at."""
    found: list[PossibleDuplicate] = []
    start, passed = after or (None, LAST)
    for _ in range(MOST_AT_ONCE // AT_ONCE):
        page = await duplicates.page_of_contacts(tx, start, AT_ONCE)
        whose = {contact.contact_id: contact for contact in page}
        for contact_id, other in await duplicates.near(tx, page, NEAR):
            seen = contact_id == start and other.contact_id <= passed
            if other.contact_id < contact_id or seen:
                continue
            pair = compare(whose[contact_id], other)
            if pair is not None:
                found.append(pair)
                if len(found) == most:
                    return found, (contact_id, other.contact_id)
        if len(page) < AT_ONCE:
            return found, None
        start, passed = page[-1].contact_id, LAST
    return found, (start, passed) if start else None


async def duplicates_of(contact_id: UUID, tx: Transaction) -> list[PossibleDuplicate]:
    """Return who may be the same person as a contact."""
    contact = await duplicates.load_contact(tx, contact_id)
    if contact is None:
        raise ContactUnknown
    pairs = [compare(contact, other) for _, other in await duplicates.near(tx, [contact], NEAR)]
    return [pair for pair in pairs if pair is not None]
