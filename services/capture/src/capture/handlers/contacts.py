"""Show what is held about a contact."""

from typing import Any
from uuid import UUID

from capture.domain.identity import Email, Keyring
from capture.handlers.errors import ContactUnknown
from capture.store import reading
from events.runtime import Transaction


async def show_contact(contact_id: UUID, tx: Transaction) -> dict[str, Any]:
    """Give a contact with its engagements and consents."""
    found = await reading.load_contact(tx, contact_id)
    if found is None:
        raise ContactUnknown
    return found


async def find_contact(email: Email, keyring: Keyring, tx: Transaction) -> dict[str, Any]:
    """Give the contact behind an e-mail."""
    contact_id = await reading.find_contact(tx, keyring.email(email))
    if contact_id is None:
        raise ContactUnknown
    return await show_contact(contact_id, tx)
