"""Numbers of the pages, each with the query that lists what it counts."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from desk.domain import Viewer
from desk.store.pages import LEAD, REACH, LeadLine, PageLead, page_lead
from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

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


class FunnelLine(Row):
    """How many leads of a group came how far, and what those that were won are worth."""

    group: str
    qualified: int
    handed_over: int
    touched: int
    accepted: int
    confirmed: int
    opportunity: int
    won: int
    returned: int
    revenue: float


class PromiseLine(Row):
    """What became of the promises of a group."""

    group: str
    kept: int
    late: int
    missed: int


class ListedPromise(Row):
    """A promise with its lead and person, as far as they are known."""

    clock_id: UUID
    clock: str
    policy: str
    rep_id: str | None
    team: str | None
    due_at: datetime
    met_at: datetime | None
    late_seconds: float | None
    lead_id: UUID
    contact_id: UUID
    lead_type: str | None
    state: str | None
    name: str | None
    company: str | None


async def funnel(tx: Transaction, viewer: Viewer, by: By, since: datetime) -> list[FunnelLine]:
    """Count the leads qualified since an instant, by group and step; the largest group first."""
    counts = ", ".join(f"count(*) filter (where {condition}) as {step}" for step, condition in STEPS.items())
    return await read_rows(
        tx, FunnelLine,
        f'select {_GROUPS[by]} as "group", {counts}, coalesce(sum(l.amount) filter (where l.state = \'won\'), 0)'
        f" as revenue from leads l where {REACH} and l.qualified_at >= $3 group by 1 order by 2 desc, 1 limit 60",
        *viewer.reach, since,
    )  # fmt: skip


async def funnel_list(  # noqa: PLR0917 - a filter, field by field
    tx: Transaction, viewer: Viewer, by: By, group: str | None, step: Step, since: datetime, skip: int, at_most: int
) -> list[PageLead]:
    """Return the leads behind a number of the funnel, the latest first, after so many."""
    lines = await read_rows(
        tx, LeadLine,
        f"{LEAD} where {REACH} and l.qualified_at >= $3 and ($4::text is null or {_GROUPS[by]} = $4)"
        f" and {STEPS[step]} order by l.qualified_at desc, l.lead_id limit $5 offset $6",
        *viewer.reach, since, group, at_most, skip,
    )  # fmt: skip
    return list(map(page_lead, lines))


async def promises(tx: Transaction, viewer: Viewer, by: PromiseBy, since: datetime) -> list[PromiseLine]:
    """Count the promises due since an instant by what became of them."""
    counts = ", ".join(f"count(*) filter (where {condition}) as {name}" for name, condition in _KEPT.items())
    order = '"group" desc' if by == "week" else "missed + late desc, 1"
    return await read_rows(
        tx, PromiseLine,
        f'select * from (select {_PROMISE_GROUPS[by]} as "group", {counts} from promises p'
        f" where {_MINE} and p.due_at >= $3 group by 1) g where kept + late + missed > 0 order by {order} limit 60",
        *viewer.reach, since,
    )  # fmt: skip


async def promises_list(  # noqa: PLR0917 - a filter, field by field
    tx: Transaction,
    viewer: Viewer,
    by: PromiseBy,
    group: str | None,
    what: str,
    since: datetime,
    skip: int,
    at_most: int,
) -> list[ListedPromise]:
    """Return the promises behind a number, the latest due first, each with its lead and person, after so many."""
    return await read_rows(
        tx, ListedPromise,
        "select p.clock_id, p.clock, p.policy, p.rep_id, p.team, p.due_at, p.met_at, p.late_seconds, p.lead_id,"
        " p.contact_id, l.lead_type, l.state, c.name, c.company"
        " from promises p left join leads l using (lead_id) left join people c on c.contact_id = p.contact_id"
        f" where {_MINE} and p.due_at >= $3 and ($4::text is null or {_PROMISE_GROUPS[by]} = $4) and {_KEPT[what]}"
        " order by p.due_at desc, p.clock_id limit $5 offset $6",
        *viewer.reach, since, group, at_most, skip,
    )  # fmt: skip
