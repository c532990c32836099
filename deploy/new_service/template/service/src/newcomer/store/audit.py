"""Invariants: each row found here is one that must not be."""

from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

_AUDIT = "select 'kept_of_the_erased' as rule, c.contact_id from cases c join erasures e using (contact_id) limit 1000"


class Broken(Row):
    """A case that breaks a rule."""

    rule: str
    contact_id: UUID


async def find_violations(tx: Transaction) -> list[Broken]:
    """List what must not be: a case of somebody who was erased."""
    return await read_rows(tx, Broken, _AUDIT)
