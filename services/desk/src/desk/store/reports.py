"""Numbers of the pages, each with the query that lists what it counts."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from desk.domain import Viewer
from desk.store.day_sums import SUMS, build_days_statement
from desk.store.pages import LEAD, LeadLine, PageLead, build_visibility_condition, make_page_lead
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
NO_GROUP = {"rep_id": "nobody"}
"""What stands for a column's null; else it is `none`."""
PromiseOutcome = Literal["kept", "late", "missed"]
KEPT: dict[PromiseOutcome, str] = {
    "kept": "(p.rescinded_at is not null or (p.met_at is not null and p.breached_at is null))",
    "late": "(p.rescinded_at is null and p.met_at is not null and p.breached_at is not null)",
    "missed": "(p.rescinded_at is null and p.met_at is null and p.breached_at is not null)",
}
PromiseBy = Literal["team", "policy", "clock", "rep", "week"]
_PROMISE_COLUMNS: dict[PromiseBy, str] = {"team": "team", "policy": "policy", "clock": "clock", "rep": "rep_id"}
_WEEK = "to_char(date_trunc('week', {day}), 'YYYY-MM-DD')"
_BEGINS = "$3::date::timestamp at time zone 'utc'"


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
    name: str | None
    """How people call a group that has a name: a campaign."""


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


async def count_funnel(tx: Transaction, viewer: Viewer, by: By, since: date) -> list[FunnelLine]:
    """Count the leads qualified since a day, by group and step; the largest group first."""
    counts = ", ".join(f"coalesce(sum({name}), 0) as {name}" for name in SUMS["funnel_days"])
    name = '(select c.name from campaigns c where c.campaign = f."group")' if by == "campaign" else "null::text"
    return await read_rows(
        tx, FunnelLine,
        f'select f.*, {name} as name from (select "group", {counts} from funnel_days where {_sums_reach(viewer)}'
        f" and dimension = '{by}' and day >= $3 group by 1 having sum(qualified) > 0 order by 2 desc, 1 limit 60) f"
        ' order by qualified desc, "group"',
        *viewer.reach, since,
    )  # fmt: skip


async def load_funnel_leads(  # noqa: PLR0917 - a filter, field by field
    tx: Transaction, viewer: Viewer, by: By, group: str | None, step: Step, since: date, skip: int, at_most: int
) -> list[PageLead]:
    """Return the leads behind a number of the funnel, the latest first, after so many."""
    same = '"group" = $4' if group is not None else "$4::text is null"
    wanted = build_days_statement(
        "funnel_days", step, f"{_sums_reach(viewer)} and dimension = '{by}' and {same}", since="$3", skip="$5",
        at_most=at_most,
    )  # fmt: skip
    lines = await read_rows(
        tx, LeadLine,
        f"""
{wanted}, found as materialized (
    select l.lead_id from wanted cross join lateral (
        select l.lead_id, l.qualified_at from leads l
        where l.qualified_at >= begins and l.qualified_at < ends and {build_visibility_condition(viewer)}
            and {_build_group_condition("l", by, group)}
            and {STEPS[step]} offset 0
    ) l order by l.qualified_at desc, l.lead_id
    limit {at_most} offset $5 - coalesce((select min(before) from wanted), 0)
)
{LEAD.replace("from leads l", "from found join leads l using (lead_id)")} order by l.qualified_at desc, l.lead_id
""",
        *viewer.reach, since, group, skip,
    )  # fmt: skip
    return list(map(make_page_lead, lines))


async def count_promises(tx: Transaction, viewer: Viewer, by: PromiseBy, since: date) -> list[PromiseLine]:
    """Count the promises due since a day by what became of them; a rep's are few enough to be counted as they are."""
    if viewer.reach[0] is not None:
        counts = ", ".join(f"count(*) filter (where {condition}) as {name}" for name, condition in KEPT.items())
        group = (
            _WEEK.format(day="p.due_at at time zone 'utc'")
            if by == "week"
            else build_group_expression("p", _PROMISE_COLUMNS[by])
        )
        rows = f"promises p where {_mine(viewer)} and p.due_at >= {_BEGINS}"
    else:
        counts = ", ".join(f"coalesce(sum({name}), 0) as {name}" for name in SUMS["promise_days"])
        group = _WEEK.format(day="day") if by == "week" else '"group"'
        rows = f"promise_days where {_sums_reach(viewer)} and dimension = '{_dimension(by)}' and day >= $3"
    order = '"group" desc' if by == "week" else "missed + late desc, 1"
    return await read_rows(
        tx, PromiseLine,
        f'select * from (select {group} as "group", {counts} from {rows} group by 1) g'
        f" where kept + late + missed > 0 order by {order} limit 60",
        *viewer.reach, since,
    )  # fmt: skip


async def load_promises(  # noqa: PLR0917 - a filter, field by field
    tx: Transaction,
    viewer: Viewer,
    by: PromiseBy,
    group: str | None,
    what: PromiseOutcome,
    since: date,
    skip: int,
    at_most: int,
) -> list[ListedPromise]:
    """Return the promises behind a number, the latest due first, each with its lead and person, after so many."""
    wanted = f"with wanted as (select {_BEGINS} as begins, 'infinity'::timestamptz as ends, 0 as before)"
    if viewer.reach[0] is None:
        same = '"group" = $4' if group is not None else "$4::text is null"
        if by == "week" and group is not None:
            same = f"{_WEEK.format(day='day')} = $4"
        wanted = build_days_statement(
            "promise_days", what, f"{_sums_reach(viewer)} and dimension = '{_dimension(by)}' and {same}", since="$3",
            skip="$5", at_most=at_most,
        )  # fmt: skip
    return await read_rows(
        tx, ListedPromise,
        f"""
{wanted}, found as materialized (
    select p.* from wanted cross join lateral (
        select p.* from promises p
        where p.due_at >= begins and p.due_at < ends and {_mine(viewer)} and {_build_promise_group_condition(by, group)}
            and {KEPT[what]} offset 0
    ) p order by p.due_at desc, p.clock_id
    limit {at_most} offset $5 - coalesce((select min(before) from wanted), 0)
)
select p.clock_id, p.clock, p.policy, p.rep_id, p.team, p.due_at, p.met_at, p.late_seconds, p.lead_id, p.contact_id,
    l.lead_type, l.state, c.name, c.company
from found p left join leads l using (lead_id) left join people c on c.contact_id = p.contact_id
order by p.due_at desc, p.clock_id
""",
        *viewer.reach, since, group, skip,
    )  # fmt: skip


def _dimension(by: PromiseBy) -> str:
    """Return by what the sums are added up: a week's are those of all teams."""
    return "team" if by == "week" else by


def _sums_reach(viewer: Viewer) -> str:
    """Return which sums a reader may see, as a condition; they are of teams, so of an owner there are none."""
    return f"$1::text is null and {'$2::text is null' if viewer.reach[1] is None else 'team = $2'}"


def _mine(viewer: Viewer) -> str:
    owner, team = viewer.reach
    return f"{'$1::text is null' if owner is None else 'p.rep_id = $1'} and" + (
        " $2::text is null" if team is None else " p.team = $2"
    )


def build_group_expression(table: str, column: str) -> str:
    """Return the expression by which rows are grouped."""
    return f"coalesce({table}.{column}, '{NO_GROUP.get(column, 'none')}')"


def _build_group_condition(table: str, column: str, group: str | None) -> str:
    """Return whether a row is of the group `$4`, as a condition that an index answers where it can."""
    if group is None:
        return "$4::text is null"
    no_group = group == NO_GROUP.get(column, "none")
    return f"{build_group_expression(table, column) if no_group else f'{table}.{column}'} = $4"


def _build_promise_group_condition(by: PromiseBy, group: str | None) -> str:
    if by == "week" and group is not None:
        return _WEEK.format(day="p.due_at at time zone 'utc'") + " = $4"
    return _build_group_condition("p", _PROMISE_COLUMNS.get(by, "team"), group)
