"""Invariants: each row found here means that a lead lost its place or a count is wrong."""

from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from routing.store.timers import DRAIN, derive_contact_id_of_pool

_BROKEN = """
select 'open leads of a rep are miscounted' as rule, null::uuid as lead_id, rep_id
from (select rep_id, count(*) as leads from leads where state = 'assigned' group by rep_id) as counted
full join seats using (rep_id) where coalesce(leads, 0) <> coalesce(open, 0)
union all
select 'a decision about a lead is missing', l.lead_id, l.rep_id from leads l
left join (select lead_id, count(*) as kept, max(placement) as placement from decisions group by lead_id) as d
using (lead_id)
where l.decisions <> coalesce(d.kept, 0) or (l.placement > 0 and l.placement <> d.placement)
union all
select 'a lead with sales has no hand-over', lead_id, rep_id from leads
where (placement > 0) <> (handed_over_at is not null) or (state in ('queued', 'assigned') and placement = 0)
union all
select 'a lead is neither placed nor ended', lead_id, rep_id from leads l where state = 'unplaced'
    and not exists (select from timers t where t.kind = 'place' and t.contact_id = l.contact_id)
"""
_TIMERS = "select distinct contact_id from timers where kind = $1"
_WAITING = "select distinct team from leads where state = 'queued'"


class BrokenInvariant(Row):
    """A lead or a count that breaks a rule."""

    rule: str
    lead_id: UUID | None
    rep_id: str | None


class UnwatchedQueue(Row):
    """A queue that breaks a rule."""

    rule: str
    lead_id: None
    team: str


async def find_violations(tx: Transaction) -> list[BrokenInvariant | UnwatchedQueue]:
    """Return what breaks an invariant: a lead in no place, a wrong count, a queue without a timer."""
    broken = await read_rows(tx, BrokenInvariant, _BROKEN)
    watched = {row["contact_id"] for row in await tx.raw.fetch(_TIMERS, DRAIN)}
    waiting = [row["team"] for row in await tx.raw.fetch(_WAITING)]
    unwatched = [
        UnwatchedQueue("leads wait and nothing will look after them", None, team)
        for team in waiting
        if derive_contact_id_of_pool(team) not in watched
    ]
    return [*broken, *unwatched]
