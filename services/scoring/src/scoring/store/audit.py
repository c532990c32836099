"""Invariants: each row found here is a lead or a contact that breaks a rule."""

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

_AUDIT = """
select 'two open cycles' as rule, min(lead_id::text) as lead_id from leads
where ended_at is null group by contact_id having count(*) > 1
union all
select 'a lead without the engagement that opened it', l.lead_id::text from leads l
left join engagements e using (engagement_id) where e.engagement_id is null
union all
select 'an open lead in front of a later cycle', l.lead_id::text from leads l
join leads later on later.contact_id = l.contact_id and later.cycle > l.cycle where l.ended_at is null
union all
select 'something is kept of an erased contact', e.contact_id::text from erasures e
where exists (select from engagements g where g.contact_id = e.contact_id)
or exists (select from leads l where l.contact_id = e.contact_id)
"""


class RuleViolation(Row):
    """What breaks a rule, with the id of its lead or contact."""

    rule: str
    lead_id: str


async def find_violations(tx: Transaction) -> list[RuleViolation]:
    """List the leads that break an invariant; there must be none."""
    return await read_rows(tx, RuleViolation, _AUDIT)
