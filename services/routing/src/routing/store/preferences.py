"""What contacts answered that may keep a lead from sales, whether they have a lead or not."""

from collections.abc import Collection, Sequence
from uuid import UUID

from events.contacts import ContactPreferenceEvent
from events.runtime import Transaction
from routing.domain import NO_PREFERENCES, ContactPreferences
from routing.models import Preferences

_KNOWN = (
    "select contact_id, said, false as erased from wishes where contact_id = any($1::uuid[])"
    " union all select contact_id, null, true from erased where contact_id = any($1::uuid[])"
)


async def save_preferences(tx: Transaction, batch: Sequence[ContactPreferenceEvent]) -> dict[UUID, ContactPreferences]:
    """Apply these events to their contacts' preferences, save them, and return all; erased contacts are left out."""
    rows = await tx.raw.fetch(_KNOWN, list({event.contact_id for event in batch}))
    erased = {row["contact_id"] for row in rows if row["erased"]}
    found = {row["contact_id"]: ContactPreferences.read(row["said"]) for row in rows if not row["erased"]}
    for event in batch:
        if event.contact_id not in erased:
            found[event.contact_id] = found.get(event.contact_id, NO_PREFERENCES).with_event(event)
    await tx.upsert(
        Preferences,
        [{"contact_id": contact_id, "said": preferences.as_json()} for contact_id, preferences in found.items()],
    )
    return found


async def load_preferences(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, ContactPreferences]:
    """Return what these contacts said, of those who said something."""
    rows = await tx.raw.fetch(_KNOWN, list(contact_ids))
    return {row["contact_id"]: ContactPreferences.read(row["said"]) for row in rows if not row["erased"]}
