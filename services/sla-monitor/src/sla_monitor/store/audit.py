"""Invariants: each row found here is a clock or a lead that nobody watches rightly (L8)."""

from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

_AUDIT = """
select 'unflagged' as rule, lead_id, clock_id from clocks
where state in ('running', 'paused', 'warned')
and coalesce(due_at, 'infinity'::timestamptz) < timer_horizon() - interval '5 minutes'
union all
select 'flagged_early', lead_id, clock_id from clocks where state = 'breached' and breached_at < due_at
union all
select 'unwatched', l.lead_id, null from leads l
left join timers t on t.kind = 'watch' and t.key = l.lead_id
where l.next_at is not null and t.due_at is distinct from l.next_at
union all
select 'clockless', l.lead_id, null from leads l
where l.ended_at is null and l.handed_over_at is not null
and not exists (select from clocks c where c.lead_id = l.lead_id and c.clock = 'first_touch')
limit 1000
"""


class BrokenInvariant(Row):
    """What breaks a rule; a rule about a lead as a whole names no clock."""

    rule: str
    lead_id: UUID
    clock_id: UUID | None


async def find_violations(tx: Transaction) -> list[BrokenInvariant]:
    """List what must not be: a miss not flagged or flagged early, a lead without a timer or without a promise (L8)."""
    return await read_rows(tx, BrokenInvariant, _AUDIT)
