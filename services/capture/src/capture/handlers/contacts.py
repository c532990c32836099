"""Show what is held about a contact."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from capture.domain.identity import Email, Keyring
from capture.domain.profile import joined
from capture.handlers.errors import ContactUnknown
from capture.playbook import CapturePlaybook
from capture.store import intake as store
from capture.store import reading
from events.runtime import Transaction, merges

_NAMES = {"engagements": "engagement_count", "consents": "current_consents"}


async def show_contact(contact_id: UUID, tx: Transaction) -> dict[str, Any]:
    """Give all that is held about the person behind a contact."""
    person = (await merges.people(tx, [contact_id]))[contact_id]
    profiles = await store.load_profiles(tx, person.contact_ids)
    if contact_id not in profiles:
        raise ContactUnknown
    rows = [asdict(profiles[one], dict_factory=_shown) for one in person.contact_ids]
    whole = asdict(joined([profiles[one] for one in person.contact_ids]), dict_factory=_shown)
    return whole | {"merged": rows[1:]} | await reading.load_contact(tx, person.contact_ids)


def _shown(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Name the two facts of a profile that the document has whole lists of."""
    return {_NAMES.get(name, name): value for name, value in pairs}


async def find_contact(email: Email, keyring: Keyring, tx: Transaction) -> dict[str, Any]:
    """Give the contact behind an e-mail."""
    contact_id = await reading.find_contact(
        tx, keyring.email(email, plus_tags=tx.playbook(CapturePlaybook).email.plus_tags)
    )
    if contact_id is None:
        raise ContactUnknown
    return await show_contact(contact_id, tx)
