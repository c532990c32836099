"""Invariants: each row found here is one that must not be."""

from typing import Any

import sqlalchemy as sa

from events.runtime import Transaction

_AUDIT = sa.text(
    "select 'kept_of_the_erased' as rule, c.contact_id from cases c join erasures e using (contact_id) limit 1000"
)


async def audit(tx: Transaction) -> list[dict[str, Any]]:
    """List what must not be: a case of somebody who was erased."""
    return await tx.fetch(_AUDIT)
