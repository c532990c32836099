"""What must never be: a lead that rests where nobody and nothing would ever take it on."""

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from feedback.playbook import Definitions

_STUCK = """
select 'stuck_in_stage' as rule, l.lead_id::text, l.state, l.since::text
from leads l join unnest($1::text[], $2::int[]) as s(state, days) on s.state = l.state
where greatest(greatest(l.since, l.waits_until) + make_interval(days => s.days), l.stalls_at)
  < $3::timestamptz - interval '1 day'
order by l.since limit 1000
"""
_NO_WAY_OUT = """
select 'returned_without_track' as rule, lead_id::text, state, since::text from leads
where state = 'recycled' and track is null limit 1000
"""
_NEVER_LOST = """
select 'lost_without_return' as rule, lead_id::text, state, since::text from leads where state = 'lost' limit 1000
"""
_UNWOKEN = """
select 'wake_up_without_timer' as rule, l.lead_id::text, l.state, l.wake_at::text
from leads l left join timers t on t.kind = 'wake' and t.key = l.lead_id
where l.state = 'recycled' and l.wake_at is not null and l.woken_at is null and t.key is null
  and not (coalesce(l.rang_at >= l.ended_at, false) and l.moves @> '[{"wakes_on": "size"}]')
  and not exists (select from leads n where n.contact_id = l.contact_id and n.cycle > l.cycle)
  and not exists (
    select from merges m join leads n on n.contact_id in (m.loser_id, m.survivor_id)
    where not m.undone and l.contact_id in (m.loser_id, m.survivor_id) and n.lead_id <> l.lead_id
      and n.reason is distinct from 'duplicate'
      and ((n.cycle, n.heard_at, n.lead_id) > (l.cycle, l.heard_at, l.lead_id)
        or n.state not in ('recycled', 'disqualified', 'lost', 'won', 'customer')))
limit 1000
"""
_TWO_SIDES = """
select 'side_against_state' as rule, lead_id::text, state, side from leads
where side <> case when state in ('won', 'customer') then 'customer_success' when state = 'disqualified' then 'nobody'
  when state in ('recycled', 'lost') then 'marketing' else side end
  or (side in ('customer_success', 'nobody') and state not in ('won', 'customer', 'disqualified')) limit 1000
"""
_HALF_KNOWN = """
select 'never_qualified' as rule, lead_id::text, state, heard_at::text as since from leads
where qualified_at is null and heard_at < $1::timestamptz - interval '1 day' limit 1000
"""
_TIMER_OF_NOBODY = """
select 'timer_without_lead' as rule, t.key::text as lead_id, t.kind as state, t.due_at::text as since
from timers t left join leads l on l.lead_id = t.key where l.lead_id is null limit 1000
"""


class BrokenLead(Row):
    """A lead that breaks a rule, with its state and since when it has it."""

    rule: str
    lead_id: str
    state: str
    since: str | None


class UnwokenLead(Row):
    """A lead in nurture that nothing would wake when it is time."""

    rule: str
    lead_id: str
    state: str
    wake_at: str


class LeadOnTwoSides(Row):
    """A lead whose side is none of its state."""

    rule: str
    lead_id: str
    state: str
    side: str


async def find_violations(tx: Transaction) -> list[BrokenLead | UnwokenLead | LeadOnTwoSides]:
    """List the leads that break an invariant; there must be none."""
    limits = {
        name: stage.limit_days
        for name, stage in tx.playbook(Definitions).stages.items()
        if stage.open and stage.limit_days is not None
    }
    broken = await read_rows(tx, BrokenLead, _STUCK, list(limits), list(limits.values()), tx.now)
    broken += await read_rows(tx, BrokenLead, _HALF_KNOWN, tx.now)
    broken += await read_rows(tx, BrokenLead, _NO_WAY_OUT)
    broken += await read_rows(tx, BrokenLead, _NEVER_LOST)
    return [
        *broken,
        *await read_rows(tx, UnwokenLead, _UNWOKEN),
        *await read_rows(tx, LeadOnTwoSides, _TWO_SIDES),
        *await read_rows(tx, BrokenLead, _TIMER_OF_NOBODY),
    ]
