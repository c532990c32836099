"""SQL that shows what is held about one contact."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from capture.models import Consents, Engagements, Erasures, Identities, Profiles, Receipts
from events.runtime import Transaction
from events.runtime.bulk import table_of

engagements, identities, profiles = table_of(Engagements), table_of(Identities), table_of(Profiles)
consents, erasures, receipts = table_of(Consents), table_of(Erasures), table_of(Receipts)


async def find_contact(tx: Transaction, key: UUID) -> UUID | None:
    """Find whom a keyed name belongs to."""
    rows = await tx.fetch(sa.select(identities.c.contact_id).where(identities.c.key == key))
    found: UUID | None = rows[0]["contact_id"] if rows else None
    return found


async def load_contact(tx: Transaction, contact_id: UUID) -> dict[str, Any] | None:
    """Give a contact's profile with all engagements and all answers ever given, oldest first."""
    found = await tx.fetch(sa.select(profiles).where(profiles.c.contact_id == contact_id))
    if not found:
        return None
    did = await tx.fetch(
        sa.select(*_but(engagements, "contact_id", "repeat_key"))
        .where(engagements.c.contact_id == contact_id)
        .order_by(engagements.c.occurred_at, engagements.c.engagement_id)
    )
    said = await tx.fetch(
        sa.select(*_but(consents, "contact_id", "consent_id"))
        .where(consents.c.contact_id == contact_id)
        .order_by(consents.c.at, consents.c.received_at)
    )
    profile = dict(found[0])
    profile["engagement_count"] = profile.pop("engagements")
    profile["current_consents"] = profile.pop("consents")
    del profile["told"]
    return profile | {"engagements": did, "consents": said}


def _but(table: sa.Table, *left_out: str) -> list[sa.Column[Any]]:
    return [column for column in table.columns if column.name not in left_out]


async def load_erasure(tx: Transaction, erasure_id: UUID) -> dict[str, Any] | None:
    """Give an erasure with the receipts so far."""
    found = await tx.fetch(sa.select(*_but(erasures, "requested_by")).where(erasures.c.erasure_id == erasure_id))
    if not found:
        return None
    answered = await tx.fetch(
        sa.select(*_but(receipts, "erasure_id")).where(receipts.c.erasure_id == erasure_id).order_by(receipts.c.service)
    )
    return dict(found[0]) | {"receipts": answered}
