"""The lists of leads: each filter is one condition, and only those that were asked for stand in the statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from feedback.domain.figure_lists import UNKNOWN
from feedback.domain.funnel import HAND_RAISERS


class ListedLead(Row):
    """A lead of a list."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    state: str
    side: str
    since: datetime
    lead_type: str | None
    fit: str | None
    source: str | None
    campaign: str | None
    company: str | None
    rep_id: str | None
    team: str | None
    queue: str | None
    qualified_at: datetime | None
    handed_over_at: datetime | None
    first_touched_at: datetime | None
    touches: int
    reason: str | None
    track: str | None
    wake_at: datetime | None
    amount: float | None


_SHOWN = ", ".join(f"l.{name}" for name in ListedLead.names())
_COLUMNS = {
    "state": "l.state", "rep_id": "l.rep_id", "queue": "l.queue", "contact_id": "l.contact_id", "team": "l.team",
    "source": "l.source", "campaign": "l.campaign", "lead_type": "l.lead_type", "grade": "l.fit",
    "playbook_version": "l.playbook_version", "origin": "p.origin", "reason": "l.reason",
}  # fmt: skip
_RAISED = f"l.lead_type in ({', '.join(repr(name) for name in sorted(HAND_RAISERS))})"
_KINDS = {
    "customers": "l.lead_type = 'customer'",
    "hand_raisers": _RAISED,
    "requalified": f"l.lead_type is distinct from 'customer' and not coalesce({_RAISED}, false) and l.cycle > 1",
    "mql": f"l.lead_type is distinct from 'customer' and not coalesce({_RAISED}, false) and l.cycle <= 1",
}
_COUNTED = {
    "qualified": "true",
    "accepted": "l.accepted_at is not null",
    "sal": "l.sal_at is not null",
    "sql": "l.confirmed_at is not null",
    "opportunity": "l.opportunity_at is not null",
    "sqo": "l.opportunity_at is not null and l.confirmed_at is not null",
    "won": "l.won_at is not null",
    "won_of_sql": "l.won_at is not null and l.confirmed_at is not null",
    "won_of_sqo": "l.won_at is not null and l.confirmed_at is not null and l.opportunity_at is not null",
    "lost": "l.lost_at is not null",
    "recycled": "l.state = 'recycled'",
    "disqualified": "l.state = 'disqualified'",
    "open": "l.state in ('mql', 'accepted', 'sal', 'sql', 'opportunity')",
    "poor_fit": "(l.fit = 'D' or l.state = 'disqualified')",
}
_REACHED = {
    "qualified": "l.qualified_at", "accepted": "l.accepted_at", "sal": "l.sal_at", "sql": "l.confirmed_at",
    "opportunity": "l.opportunity_at", "won": "l.won_at", "lost": "l.lost_at", "returned": "l.ended_at",
    "woken": "l.woken_at", "touched": "l.first_touched_at",
}  # fmt: skip
_STAGE = (
    "case when l.state = 'opportunity' and l.confirmed_at is not null and 'sqo' = any({stages}) then 'sqo'"
    " when l.reason = 'unreachable' and 'unreachable' = any({stages}) then 'unreachable' else l.state end = {stage}"
)
_IS_DEAL = "l.qualified_at is not null and (l.opportunity_at is not null or l.won_at is not null)"
_CREDITED = {"first": "jsonb_build_array(l.path -> 0)", "last": "jsonb_build_array(l.path -> -1)"}
"""Which engagements of a deal's path get credit, by the model; of all others each gets some."""
_DEALS = """
select coalesce(t.touch ->> '{by}', '') as name, count(distinct l.lead_id)::int as deals
from leads l cross join lateral jsonb_array_elements({touches}) as t(touch) where {where} group by 1
"""
_DAY = timedelta(days=1)
_SORTED = {
    "lead_id": None, "since": "timestamptz", "qualified_at": "timestamptz", "handed_over_at": "timestamptz",
    "wake_at": "timestamptz", "amount": "float8",
}  # fmt: skip
"""What lists can be sorted by, with the type of the infinity that stands for what is not known."""


@dataclass(frozen=True, slots=True)
class LeadFilters:
    """Which leads, by the filters of `GET /v1/leads`; None lets everything through."""

    state: str | None = None
    stage: str | None = None
    stuck: bool | None = None
    rep_id: str | None = None
    team: str | None = None
    queue: str | None = None
    contact_id: UUID | None = None
    source: str | None = None
    campaign: str | None = None
    origin: str | None = None
    lead_type: str | None = None
    grade: str | None = None
    playbook_version: str | None = None
    reason: str | None = None
    kind: str | None = None
    counted: str | None = None
    first: date | None = None
    last: date | None = None
    reached: str | None = None
    reached_first: date | None = None
    reached_last: date | None = None
    woken: bool | None = None
    untouched_days: int | None = None
    sqo: bool | None = None
    credited: str | None = None
    credited_by: str | None = None
    credited_model: str | None = None


class _ListStatement:
    """Conditions with their arguments, numbered as they come."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.arguments: list[Any] = []

    def put(self, value: Any) -> str:
        """Take an argument; return its place in the statement."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def between(self, column: str, first: date | None, last: date | None) -> None:
        """Keep what happened on these days, UTC."""
        if first is not None:
            self.conditions.append(f"{column} >= {self.put(_start_of_day_utc(first))}")
        if last is not None:
            self.conditions.append(f"{column} < {self.put(_start_of_day_utc(last) + _DAY)}")


def _start_of_day_utc(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def list_leads_page(
    tx: Transaction,
    asked: LeadFilters,
    *,
    stages: Collection[str],
    stuck_after: Mapping[str, int],
    after: UUID | None,
    limit: int,
    sort: str = "lead_id",
) -> list[ListedLead]:
    """Return one page of the leads that all filters let through.

    Args:
        tx: The transaction.
        asked: Which leads.
        stages: The stages that the definitions name.
        stuck_after: After how many days a lead is stuck in a state.
        after: The last lead of the page before.
        limit: How many at most.
        sort: A column, with `-` before it the other way round; where it is not known comes last, equals by their ids.
    """
    found = _ListStatement()
    _add_column_filters(found, asked)
    _add_cohort_filter(found, asked)
    _add_reached_filter(found, asked)
    _add_yes_or_no_filters(found, asked)
    if asked.untouched_days is not None:
        since = found.put(tx.now - asked.untouched_days * _DAY)
        found.conditions.append(f"l.state = 'mql' and l.touches = 0 and l.handed_over_at < {since}")
        found.conditions.append(f"(l.waits_until is null or l.waits_until < {since})")
    if asked.stage is not None:
        names, stage = found.put(sorted(stages)), found.put(asked.stage)
        found.conditions.append(_STAGE.format(stages=names, stage=stage))
    if asked.stuck:
        _add_stuck_filter(found, stuck_after, tx.now)
    way, sign = ("desc", "<") if sort.startswith("-") else ("asc", ">")
    if after is not None:
        last = f"select {_sort_columns_sql(sort, 'a')} from leads a where a.lead_id = {found.put(after)}"  # noqa: S608 - our own columns
        found.conditions.append(f"({_sort_columns_sql(sort, 'l')}) {sign} ({last})")
    joined = " join people p using (contact_id)" if asked.origin is not None else ""
    where = " and ".join(found.conditions) or "true"
    query = f"select {_SHOWN} from leads l{joined} where {where}"  # noqa: S608 - our own conditions
    query += f" order by {_sort_columns_sql(sort, 'l', way)} limit {found.put(limit)}"
    return await read_rows(tx, ListedLead, query, *found.arguments)


def _sort_columns_sql(sort: str, alias: str, way: str = "") -> str:
    """Return the columns that give a lead its place in a list, each followed by the `way` in which it is sorted."""
    name = sort.removeprefix("-")
    if (kind := _SORTED[name]) is None:
        return f"{alias}.{name} {way}"
    unknown = "-infinity" if sort.startswith("-") else "infinity"
    return f"coalesce({alias}.{name}, '{unknown}'::{kind}) {way}, {alias}.lead_id {way}"


def _add_column_filters(found: _ListStatement, asked: LeadFilters) -> None:
    for name, column in _COLUMNS.items():
        if (value := getattr(asked, name)) is not None:
            unknown = value == UNKNOWN
            found.conditions.append(f"{column} is null" if unknown else f"{column} = {found.put(value)}")


def _add_cohort_filter(found: _ListStatement, asked: LeadFilters) -> None:
    if any(value is not None for value in (asked.counted, asked.kind, asked.first, asked.last)):
        found.conditions.append("l.qualified_at is not null")
        found.between("l.qualified_at", asked.first, asked.last)
    if asked.counted is not None:
        found.conditions.append(_COUNTED[asked.counted])
    if asked.kind is not None:
        found.conditions.append(_KINDS[asked.kind])


def _add_reached_filter(found: _ListStatement, asked: LeadFilters) -> None:
    if asked.reached is not None:
        column = _REACHED[asked.reached]
        found.conditions.append(f"{column} is not null")
        if asked.reached == "touched":
            found.conditions.append("l.handed_over_at is not null")
        found.between(column, asked.reached_first, asked.reached_last)


def _add_yes_or_no_filters(found: _ListStatement, asked: LeadFilters) -> None:
    for wanted, condition in ((asked.woken, "l.woken_at is not null"), (asked.sqo, _COUNTED["sqo"])):
        if wanted is not None:
            found.conditions.append(condition if wanted else f"not ({condition})")
    if asked.credited is not None:
        _add_credited_filter(found, asked.credited, asked.credited_by, asked.credited_model)


def _add_credited_filter(found: _ListStatement, group: str, by: str | None, model: str | None) -> None:
    name, touches = found.put("" if group == UNKNOWN else group), _CREDITED.get(model or "", "l.path")
    some = f"select from jsonb_array_elements({touches}) as t where coalesce(t ->> '{by or 'source'}', '') = {name}"
    found.conditions += [_IS_DEAL, f"exists ({some})"]


async def count_credited_deals(
    tx: Transaction, by: str, model: str, first: date | None, last: date | None
) -> dict[str, int]:
    """Count the deals that give credit to each source or campaign, of leads that were qualified on these days."""
    found = _ListStatement()
    found.conditions.append(_IS_DEAL)
    found.between("l.qualified_at", first, last)
    query = _DEALS.format(by=by, touches=_CREDITED.get(model, "l.path"), where=" and ".join(found.conditions))
    return {row["name"]: row["deals"] for row in await tx.raw.fetch(query, *found.arguments)}


def _add_stuck_filter(found: _ListStatement, days: Mapping[str, int], now: datetime) -> None:
    states: Sequence[str] = list(days)
    limits = f"unnest({found.put(states)}::text[], {found.put(list(days.values()))}::int[]) as s(state, days)"
    found.conditions.append(
        f"exists (select from {limits} where s.state = l.state"
        f" and greatest(l.since, l.waits_until) < {found.put(now)}::timestamptz - make_interval(days => s.days))"
    )
