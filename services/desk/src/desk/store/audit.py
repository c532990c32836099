"""Invariants: each row found here is one that the pages show wrongly, or a message that nobody sends."""

from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

_AUDIT = """
select 'kept_of_the_erased' as rule, l.lead_id, e.contact_id
from erasures e cross join lateral (select lead_id from leads where contact_id = e.contact_id offset 0) l
union all
select 'person_erased', null, e.contact_id
from erasures e cross join lateral (select from people where contact_id = e.contact_id offset 0) p
union all
select 'open_and_ended', lead_id, contact_id from leads
where state in ('mql', 'accepted', 'sal', 'sql', 'opportunity') and ended_at is not null
union all
select 'unsent', lead_id, contact_id from messages where due_at < clock_timestamp() - interval '1 hour'
limit 1000
"""
"""Whom to look for stands in `erasures`, and what is wrong in indexes of its own: no table is looked through."""


class BrokenRule(Row):
    """What breaks a rule."""

    rule: str
    lead_id: UUID | None
    contact_id: UUID


async def find_violations(tx: Transaction) -> list[BrokenRule]:
    """List what must not be: something of an erased contact, an open lead that ended, a message an hour late."""
    return await read_rows(tx, BrokenRule, _AUDIT)
