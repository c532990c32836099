"""What capture answers about contacts, erasures, imports, accounts, forms and the quarantine."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from capture.domain.duplicates import PossibleDuplicate, compare
from capture.domain.identity import Email, Keyring
from capture.domain.profile import joined
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
from events import topics
from events.runtime import Transaction, merges

AT_ONCE, MOST_AT_ONCE = 50, 500
"""So many contacts are compared with those near them in one step, and in one question."""
NEAR = 100
"""Who shares a phone, a domain or a name with a contact, beyond so many, is not compared with it."""
LAST = UUID(int=2**128 - 1)
Pair = tuple[UUID, UUID]

_NAMES = {"engagements": "engagement_count", "consents": "current_consents", "fact_times": "told"}


async def show_contact(contact_id: UUID, tx: Transaction) -> dict[str, Any]:
    """Return all that is stored about the person of a contact."""
    person = (await merges.people(tx, [contact_id]))[contact_id]
    profiles = await contacts.load_profiles(tx, person.contact_ids)
    if contact_id not in profiles:
        raise ContactUnknown
    rows = [asdict(profiles[member], dict_factory=_shown) for member in person.contact_ids]
    whole = asdict(joined([profiles[member] for member in person.contact_ids]), dict_factory=_shown)
    return whole | {"merged": rows[1:]} | await views.load_contact(tx, person.contact_ids)


def _shown(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields of a profile under their names in the document, which has lists of some."""
    return {_NAMES.get(name, name): value for name, value in pairs}


async def find_contact(email: Email, keyring: Keyring, tx: Transaction) -> dict[str, Any]:
    """Return the contact behind an e-mail."""
    contact_id = await views.find_contact(
        tx, keyring.email(email, plus_tags=tx.playbook(CapturePlaybook).email.plus_tags)
    )
    if contact_id is None:
        raise ContactUnknown
    return await show_contact(contact_id, tx)


async def show_erasure(erasure_id: UUID, tx: Transaction) -> dict[str, Any]:
    """Return an erasure: who has answered, and who has not yet."""
    found = await views.load_erasure(tx, erasure_id)
    if found is None:
        raise ErasureUnknown
    answered = {receipt["service"] for receipt in found["receipts"]}
    waiting = [service for service in topics.SERVICES if service not in answered]
    return found | {"waiting_for": waiting, "complete": not waiting}


async def show_import(import_id: UUID, tx: Transaction) -> dict[str, Any]:
    """Return an import's progress."""
    found = await imports.find(tx, import_id)
    if found is None:
        raise ImportUnknown
    return {name: value for name, value in found.items() if name != "left_today"}


async def show_mapping(name: str, tx: Transaction) -> dict[str, Any]:
    """Return what was saved under a name."""
    asked = await imports.find_mapping(tx, name)
    if asked is None:
        raise MappingUnknown
    return asked


async def show_mappings(tx: Transaction) -> list[dict[str, Any]]:
    """Return all saved mappings, by name."""
    return [{"name": row["name"], **row["asked"]} for row in await imports.list_mappings(tx)]


async def show_rejects(import_id: UUID, after: int, most: int, tx: Transaction) -> list[dict[str, Any]]:
    """Return the rejected rows after one of them."""
    return await imports.load_rejects(tx, import_id, after, most)


async def widest_reject(import_id: UUID, tx: Transaction) -> int:
    """Return the most cells that a rejected row has."""
    return await imports.widest_reject(tx, import_id)


async def show_account(domain: str, tx: Transaction) -> dict[str, Any]:
    """Return an account by its domain or an alias, with its subsidiaries and its users of each month."""
    family = await registers.load_family(tx, domain)
    if not family:
        raise AccountUnknown
    domains = {name for row in family for name in (row["domain"], *row["aliases"])}
    users = await registers.count_users(tx, sorted(domains), tx.playbook(CapturePlaybook).product_use)
    return {**family[0], "subsidiaries": [row["domain"] for row in family[1:]], "users": users}


async def show_quarantine(
    state: str, limit: int, after: tuple[datetime, UUID] | None, tx: Transaction
) -> list[dict[str, Any]]:
    """Return the submissions in quarantine in this state, newest first."""
    return await quarantine.list_submissions(tx, state, limit, after)


async def find_paper(engagement_id: UUID, tx: Transaction) -> dict[str, Any] | None:
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
