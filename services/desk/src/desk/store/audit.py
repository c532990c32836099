"""Invariants: each row found here is one that the pages show wrongly, or a message that nobody sends."""

from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

_AUDIT = """
select 'kept_of_the_erased' as rule, lead_id, l.contact_id from leads l join erasures e using (contact_id)
union all
select 'person_erased', null, p.contact_id from people p join erasures e using (contact_id)
union all
select 'open_and_ended', lead_id, contact_id from leads
where state in ('mql', 'accepted', 'sal', 'sql', 'opportunity') and ended_at is not null
union all
select 'unsent', lead_id, contact_id from messages where due_at < clock_timestamp() - interval '1 hour'
limit 1000
"""


class Broken(Row):
    """What breaks a rule."""

    rule: str
    lead_id: UUID | None
    contact_id: UUID


async def audit(tx: Transaction) -> list[Broken]:
    """List what must not be: something of an erased contact, an open lead that ended, a message an hour late."""
    return await read_rows(tx, Broken, _AUDIT)
