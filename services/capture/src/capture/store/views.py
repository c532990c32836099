"""SQL that reads all that is stored about one contact."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from capture.models import Consents, Engagements, Erasures, Identities, Receipts, Suppressions
from capture.store import quarantine
from capture.store.imports import waiting_for
from events.runtime import Transaction
from events.runtime.bulk import table_of

engagements, identities, suppressions = table_of(Engagements), table_of(Identities), table_of(Suppressions)
consents, erasures, receipts = table_of(Consents), table_of(Erasures), table_of(Receipts)


_PUBLISHED = """
select topic, ce_id, ce_type, time, value from journal
where contact_id = any($1) and ce_type not in ('contact.erased.v1', 'erasure.receipt.v1') order by id
"""
_PARKED = """
select id, topic, reason, parked_at from parked where contact_id = any($1) or contact_ids && $1::uuid[]
order by parked_at
"""


async def find_contact(tx: Transaction, key: UUID) -> UUID | None:
    """Find whom a keyed name belongs to."""
    rows = await tx.fetch(sa.select(identities.c.contact_id).where(identities.c.key == key))
    found: UUID | None = rows[0]["contact_id"] if rows else None
    return found


async def load_contact(tx: Transaction, contact_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return what one person did, every answer ever given, and what was published of them; oldest first."""
    ids = list(contact_ids)
    did = await tx.fetch(
        sa.select(*_but(engagements, "repeat_key"))
        .where(engagements.c.contact_id.in_(ids))
        .order_by(engagements.c.occurred_at, engagements.c.engagement_id)
    )
    answers = await tx.fetch(
        sa.select(*_but(consents, "consent_id"))
        .where(consents.c.contact_id.in_(ids))
        .order_by(consents.c.at, consents.c.received_at)
    )
    rows = await tx.raw.fetch(_PUBLISHED, ids)
    published = [dict(row) | {"value": orjson.loads(row["value"]) if row["value"] else None} for row in rows]
    parked = await tx.raw.fetch(_PARKED, ids)
    named = await tx.fetch(sa.select(identities.c.key).where(identities.c.contact_id.in_(ids)))
    keys = [row["key"] for row in named]
    return {
        "engagements": did,
        "consents": answers,
        "suppressed": await tx.fetch(sa.select(*_but(suppressions, "key")).where(suppressions.c.key.in_(keys))),
        "quarantined": await quarantine.of_people(tx, keys),
        "waiting_imports": await waiting_for(tx, keys),
        "published": published,
        "parked": [dict(row) for row in parked],
        "keys": len(keys),
    }


def _but(table: sa.Table, *left_out: str) -> list[sa.Column[Any]]:
    return [column for column in table.columns if column.name not in left_out]


async def load_erasure(tx: Transaction, erasure_id: UUID) -> dict[str, Any] | None:
    """Return an erasure with the receipts so far."""
    found = await tx.fetch(sa.select(*_but(erasures, "requested_by")).where(erasures.c.erasure_id == erasure_id))
    if not found:
        return None
    answered = await tx.fetch(
        sa.select(*_but(receipts, "erasure_id")).where(receipts.c.erasure_id == erasure_id).order_by(receipts.c.service)
    )
    return dict(found[0]) | {"receipts": answered}
