"""Numbers of the pages, each with the query that lists what it counts."""

from datetime import datetime
from typing import Any, Literal

from desk.domain import Viewer
from desk.store.pages import _LEAD, REACH, _lead
from events.runtime import Transaction

By = Literal["source", "campaign", "lead_type", "fit", "team"]
Step = Literal["qualified", "handed_over", "touched", "accepted", "confirmed", "opportunity", "won", "returned"]
STEPS: dict[Step, str] = {
    "qualified": "true",
    "handed_over": "l.handed_over_at is not null",
    "touched": "l.touches > 0",
    "accepted": "l.accepted_at is not null",
    "confirmed": "l.confirmed_at is not null",
    "opportunity": "l.opportunity_at is not null",
    "won": "l.state = 'won'",
    "returned": "l.state in ('recycled', 'disqualified')",
}
"""What a lead counts as, each a condition."""
_GROUPS: dict[By, str] = {
    name: f"coalesce(l.{name}, 'none')" for name in ("source", "campaign", "lead_type", "fit", "team")
}
_KEPT = {
    "kept": "(p.rescinded_at is not null or (p.met_at is not null and p.breached_at is null))",
    "late": "(p.rescinded_at is null and p.met_at is not null and p.breached_at is not null)",
    "missed": "(p.rescinded_at is null and p.met_at is null and p.breached_at is not null)",
}
PromiseBy = Literal["team", "policy", "clock", "rep", "week"]
_PROMISE_GROUPS: dict[PromiseBy, str] = {
    "team": "coalesce(p.team, 'none')",
    "policy": "p.policy",
    "clock": "p.clock",
    "rep": "coalesce(p.rep_id, 'nobody')",
    "week": "to_char(date_trunc('week', p.due_at at time zone 'utc'), 'YYYY-MM-DD')",
}
_MINE = "($1::text is null or p.rep_id = $1) and ($2::text is null or p.team = $2)"


async def funnel(tx: Transaction, viewer: Viewer, by: By, since: datetime) -> list[dict[str, Any]]:
    """Count the leads qualified since an instant, by group and step; the largest group first."""
    counts = ", ".join(f"count(*) filter (where {condition}) as {step}" for step, condition in STEPS.items())
    rows = await tx.raw.fetch(
        f'select {_GROUPS[by]} as "group", {counts}, coalesce(sum(l.amount) filter (where l.state = \'won\'), 0)'
        f" as revenue from leads l where {REACH} and l.qualified_at >= $3 group by 1 order by 2 desc, 1 limit 60",
        *viewer.reach, since,
    )  # fmt: skip
    return [dict(row) for row in rows]


async def funnel_list(  # noqa: PLR0917 - a filter, field by field
    tx: Transaction, viewer: Viewer, by: By, group: str | None, step: Step, since: datetime
) -> list[dict[str, Any]]:
    """Return the leads behind a number of the funnel, the latest first; at most 200."""
    rows = await tx.raw.fetch(
        f"{_LEAD} where {REACH} and l.qualified_at >= $3 and ($4::text is null or {_GROUPS[by]} = $4)"
        f" and {STEPS[step]} order by l.qualified_at desc, l.lead_id limit 200",
        *viewer.reach, since, group,
    )  # fmt: skip
    return [_lead(row) for row in rows]


async def promises(tx: Transaction, viewer: Viewer, by: PromiseBy, since: datetime) -> list[dict[str, Any]]:
    """Count the promises due since an instant by what became of them."""
    counts = ", ".join(f"count(*) filter (where {condition}) as {name}" for name, condition in _KEPT.items())
    order = '"group" desc' if by == "week" else "missed + late desc, 1"
    rows = await tx.raw.fetch(
        f'select * from (select {_PROMISE_GROUPS[by]} as "group", {counts} from promises p'
        f" where {_MINE} and p.due_at >= $3 group by 1) g where kept + late + missed > 0 order by {order} limit 60",
        *viewer.reach, since,
    )  # fmt: skip
    return [dict(row) for row in rows]


async def promises_list(  # noqa: PLR0917 - a filter, field by field
    tx: Transaction, viewer: Viewer, by: PromiseBy, group: str | None, what: str, since: datetime
) -> list[dict[str, Any]]:
    """Return the promises behind a number, the latest due first, each with its lead and person; at most 200."""
    rows = await tx.raw.fetch(
        "select p.clock_id, p.clock, p.policy, p.rep_id, p.team, p.due_at, p.met_at, p.late_seconds, p.lead_id,"
        " p.contact_id, l.lead_type, l.state, c.name, c.company"
        " from promises p left join leads l using (lead_id) left join people c on c.contact_id = p.contact_id"
        f" where {_MINE} and p.due_at >= $3 and ($4::text is null or {_PROMISE_GROUPS[by]} = $4) and {_KEPT[what]}"
        " order by p.due_at desc, p.clock_id limit 200",
        *viewer.reach, since, group,
    )  # fmt: skip
    return [dict(row) for row in rows]
