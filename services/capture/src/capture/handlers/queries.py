"""What capture answers about contacts, erasures, imports, accounts, forms, scanners and the quarantine."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from capture.domain.duplicates import PossibleDuplicate, compare_contacts
from capture.domain.identity import Email, IdentityHasher
from capture.domain.known_people import KnownPerson, make_known_person
from capture.domain.profile import Profile, join_profiles
from capture.handlers.errors import (
    AccountUnknown,
    ContactUnknown,
    EmailUnknown,
    ErasureUnknown,
    FormUnknown,
    ImportUnknown,
    MappingUnknown,
)
from capture.playbook import CapturePlaybook, Form
from capture.store import (
    contacts,
    duplicates,
    form_tests,
    imports,
    key_bindings,
    pairings,
    quarantine,
    registers,
    views,
)
from capture.store.form_tests import FormTestRow
from capture.store.imports import ImportRow, RejectedRow, SavedMapping
from capture.store.key_bindings import FormKeyRow
from capture.store.pairings import ScannerPairingRow
from capture.store.quarantine import QuarantinedRow
from capture.store.registers import AccountRow, CampaignName, MonthlyUse, ReadableContent
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


class AccountWithUse(AccountRow, kw_only=True):
    """A company with its subsidiaries and the use of the product by all of them."""

    subsidiaries: list[str]
    users: list[MonthlyUse]


async def show_contact(contact_id: UUID, tx: Transaction) -> StoredContact:
    """Return all that is stored about the person of a contact."""
    known = await _profiles_of(contact_id, tx)
    if not known:
        raise ContactUnknown
    return StoredContact(
        join_profiles(known), known[1:], await views.load_contact_history(tx, [each.contact_id for each in known])
    )


async def _profiles_of(contact_id: UUID, tx: Transaction) -> list[Profile]:
    """Return the profiles that are one person, the survivor's first; none where the contact is unknown."""
    person = (await merges.load_people_of_contacts(tx, [contact_id]))[contact_id]
    profiles = await contacts.load_profiles(tx, person.contact_ids)
    return [profiles[member] for member in person.contact_ids] if contact_id in profiles else []


async def find_known_person(contact_id: UUID, tx: Transaction) -> KnownPerson | None:
    """Return what a form must not ask the person of a contact; None where they are unknown or left no e-mail."""
    known = await _profiles_of(contact_id, tx)
    if not known:
        return None
    return make_known_person(join_profiles(known), await views.load_fact_names(tx, [each.contact_id for each in known]))


async def find_contact(email: Email, hasher: IdentityHasher, tx: Transaction) -> StoredContact:
    """Return the contact behind an e-mail."""
    contact_id = await views.find_contact_id_by_key(
        tx, hasher.email_key(email, plus_tags=tx.playbook(CapturePlaybook).email.plus_tags)
    )
    if contact_id is None:
        raise ContactUnknown
    return await show_contact(contact_id, tx)


async def find_contacts_without_address(contact_ids: Sequence[UUID], tx: Transaction) -> set[UUID]:
    """Return those of some contacts whose person is known by neither an e-mail nor a phone."""
    people = await merges.load_people_of_contacts(tx, contact_ids)
    profiles = await contacts.load_profiles(tx, {each for person in people.values() for each in person.contact_ids})
    reached = {each.contact_id for each in profiles.values() if each.email or each.phone}
    return {each for each in contact_ids if reached.isdisjoint(people[each].contact_ids)}


async def check_may_have_form_link(contact_id: UUID, form: str, tx: Transaction) -> None:
    """Raise why a contact can have no link to a form; a contact who left an e-mail can."""
    load_form_in_force(form, tx)
    known = await _profiles_of(contact_id, tx)
    if not known:
        raise ContactUnknown
    if join_profiles(known).email is None:
        raise EmailUnknown


async def show_erasure(erasure_id: UUID, tx: Transaction) -> ErasureProgress:
    """Return an erasure: who has answered, and who has not yet."""
    found = await views.load_erasure_row(tx, erasure_id)
    if found is None:
        raise ErasureUnknown
    receipts = await views.load_receipt_rows(tx, erasure_id)
    answered = {receipt.service for receipt in receipts}
    waiting = [service for service in topics.SERVICES if service not in answered]
    return ErasureProgress(**found.as_dict(), receipts=receipts, waiting_for=waiting, complete=not waiting)


async def show_import(import_id: UUID, tx: Transaction) -> ImportRow:
    """Return an import's progress."""
    found = await imports.find_import(tx, import_id)
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
    """Return at most `most` rejected rows of an import, those after row `after` of its file."""
    return await imports.load_rejects(tx, import_id, after, most)


async def count_cells_of_widest_reject(import_id: UUID, tx: Transaction) -> int:
    """Return the most cells that a rejected row has."""
    return await imports.count_cells_of_widest_reject(tx, import_id)


async def show_account(domain: str, tx: Transaction) -> AccountWithUse:
    """Return an account by its domain or an alias, with its subsidiaries and its users of each month."""
    family = await registers.load_account_and_parents(tx, domain)
    if not family:
        raise AccountUnknown
    domains = {name for row in family for name in (row.domain, *row.aliases)}
    users = await registers.count_users(tx, sorted(domains), tx.playbook(CapturePlaybook).product_use)
    return AccountWithUse(**family[0].as_dict(), subsidiaries=[row.domain for row in family[1:]], users=users)


async def list_open_campaign_names(most: int, tx: Transaction) -> list[CampaignName]:
    """Return the campaigns that have not ended, the latest first."""
    return await registers.list_campaigns(tx, most)


async def show_quarantine(
    state: str, limit: int, after: tuple[datetime, UUID] | None, tx: Transaction
) -> list[QuarantinedRow]:
    """Return the submissions in quarantine in this state, newest first."""
    return await quarantine.list_submissions(tx, state, limit, after)


async def find_requested_content(engagement_id: UUID, tx: Transaction) -> ReadableContent | None:
    """Return title and address of what an engagement asked for; None where the catalogue has no address of it."""
    return await registers.find_requested_content(tx, engagement_id)


def load_form_in_force(name: str, tx: Transaction) -> Form:
    """Return a form by its name."""
    found = tx.playbook(CapturePlaybook).forms.get(name)
    if found is None:
        raise FormUnknown
    return found


class FormWithKeys(NamedTuple):
    """A form of the playbook in force, and the keys by which pages elsewhere may submit it."""

    name: str
    form: Form
    keys: list[FormKeyRow]


async def show_forms(tx: Transaction) -> list[FormWithKeys]:
    """Return the forms of the playbook in force, each with its keys that were not revoked."""
    keys = await key_bindings.list_form_keys(tx)
    return [
        FormWithKeys(name, form, [key for key in keys if key.form in (None, name)])
        for name, form in tx.playbook(CapturePlaybook).forms.items()
    ]


async def show_form_tests(form: str, most: int, tx: Transaction) -> list[FormTestRow]:
    """Return the tests of a form, the newest first."""
    load_form_in_force(form, tx)
    return await form_tests.list_tests(tx, form, most)


async def show_pairings(most: int, tx: Transaction) -> list[ScannerPairingRow]:
    """Return the links that still hold and the devices that scan, the newest first."""
    return await pairings.list_pairings(tx, most)


async def find_possible_duplicates(
    after: Pair | None, most: int, tx: Transaction
) -> tuple[list[PossibleDuplicate], Pair | None]:
    """Return the next pairs of contacts that may be one person, and where to go on; None: all were looked at."""
    found: list[PossibleDuplicate] = []
    start, passed = after or (None, LAST)
    for _ in range(MOST_AT_ONCE // AT_ONCE):
        page = await duplicates.load_contacts_from(tx, start, AT_ONCE)
        whose = {contact.contact_id: contact for contact in page}
        for contact_id, other in await duplicates.load_contacts_to_compare(tx, page, NEAR):
            seen = contact_id == start and other.contact_id <= passed
            if other.contact_id < contact_id or seen:
                continue
            pair = compare_contacts(whose[contact_id], other)
            if pair is not None:
                found.append(pair)
                if len(found) == most:
                    return found, (contact_id, other.contact_id)
        if len(page) < AT_ONCE:
            return found, None
        start, passed = page[-1].contact_id, LAST
    return found, (start, passed) if start else None


async def find_duplicates_of(contact_id: UUID, tx: Transaction) -> list[PossibleDuplicate]:
    """Return who may be the same person as a contact."""
    contact = await duplicates.load_compared_contact(tx, contact_id)
    if contact is None:
        raise ContactUnknown
    pairs = [
        compare_contacts(contact, other) for _, other in await duplicates.load_contacts_to_compare(tx, [contact], NEAR)
    ]
    return [pair for pair in pairs if pair is not None]
