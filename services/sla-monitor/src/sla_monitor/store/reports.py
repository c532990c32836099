"""What people read: clocks, misses, how well promises are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import Row, read_rows
from events.runtime.security import LeadReach
from sla_monitor.domain.figure_lists import OUTCOMES, UNKNOWN, Counted, Outcome
from sla_monitor.models import ClockRow, LeadRow

clocks, leads = get_table(ClockRow), get_table(LeadRow)

By = Literal["team", "rep", "policy", "week"]
Filters = Mapping[str, str | UUID]
"""By column, and `week`: the value asked for."""

_INSTANT = sa.DateTime(timezone=True)
_NEVER: sa.ColumnElement[datetime] = sa.literal_column("'infinity'::timestamptz")
_LONG_AGO: sa.ColumnElement[datetime] = sa.literal_column("'-infinity'::timestamptz")
_DATED = sa.func.coalesce(clocks.c.due_at, clocks.c.started_at)
_WEEK = sa.func.to_char(sa.func.timezone("UTC", _DATED), 'IYYY-"W"IW')
_KEYS: Mapping[By, sa.ColumnElement[Any]] = {
    "team": clocks.c.team,
    "rep": clocks.c.rep_id,
    "policy": clocks.c.policy,
    "week": _WEEK,
}
_WORST = ("cancelled", "open", "met", "rescinded", "met_late", "breached")
"""Later is worse. A lead whose clock ran several times counts once, by its worst running."""
_RANK = sa.case(
    *((clocks.c.state == name, place) for place, name in enumerate(_WORST) if name != "open"),
    else_=_WORST.index("open"),
)
_FALLEN_DUE = frozenset(("met", "rescinded", "met_late", "breached"))


class ClockLine(Row):
    """One run of one clock."""

    clock_id: UUID
    lead_id: UUID
    contact_id: UUID
    cycle: int
    clock: str
    run: int
    policy: str
    playbook_version: str
    lead_type: str
    state: str
    rep_id: str | None
    team: str | None
    company: str | None
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    paused_until: datetime | None
    met_at: datetime | None
    closed_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    rescinded_at: datetime | None
    escalations: int


_COMPANY = sa.select(leads.c.company).where(leads.c.lead_id == clocks.c.lead_id).scalar_subquery().label("company")
_LINE = [_COMPANY if name == "company" else clocks.c[name] for name in ClockLine.names()]


class FigureFilter(NamedTuple):
    """What compliance counts, of what is dated from `since` to before `until`; a running clock by when it started.

    `outcome` is how each clock came out, whatever became of the others of its lead.
    """

    counted: Counted | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None


class MissFilter(NamedTuple):
    """Which misses: still open, due in a span of time, of leads that no human touched."""

    is_open: bool = False
    due_from: datetime | None = None
    due_before: datetime | None = None
    is_ignored: bool = False


class ComplianceLine(Row):
    """How one clock came out for one key; `seconds` is the median from start to touch, None where none was touched."""

    key: str | None
    clock: str
    promised: bool
    seconds: float | None
    cancelled: int
    open: int
    met: int
    rescinded: int
    met_late: int
    breached: int


async def list_clocks(
    tx: Transaction,
    given: Filters,
    *,
    ownerless: bool,
    after: tuple[datetime | None, UUID] | None,
    limit: int,
    figure: FigureFilter,
    due_before: datetime | None = None,
    reach: LeadReach | None = None,
    sort: str = "due_at",
) -> list[ClockLine]:
    """Return clocks with the companies of their leads, after a position.

    They come in the order of an instant, with `-` before it the latest first; those without it come last. Of a figure
    of compliance each lead has one, its worst.
    """
    falling = sort.startswith("-")
    column, unknown = clocks.c[sort.removeprefix("-")], _LONG_AGO if falling else _NEVER
    place = sa.func.coalesce(column, unknown), clocks.c.clock_id
    order = [each.desc() if falling else each for each in place]
    statement = _restrict_to_reach(reach, sa.select(*_LINE).order_by(*order).limit(limit))
    chosen = [*_filter_conditions(given), *_date_conditions(figure.since, figure.until)]
    statement = statement.where(*chosen)
    if figure.outcome is not None:
        statement = statement.where(clocks.c.state.in_(OUTCOMES[figure.outcome]))
    if figure.counted is not None:
        statement = statement.where(clocks.c.clock_id.in_(_select_worst_run_of_each_lead(figure.counted, chosen)))
    if due_before is not None:
        statement = statement.where(clocks.c.due_at < sa.literal(due_before, _INSTANT))
    if ownerless:
        statement = statement.where(clocks.c.rep_id.is_(None))
    if after is not None:
        last = sa.tuple_(sa.literal(after[0], _INSTANT) if after[0] else unknown, sa.literal(after[1], sa.Uuid))
        statement = statement.where(sa.tuple_(*place) < last if falling else sa.tuple_(*place) > last)
    return await read_rows(tx, ClockLine, statement)


def _filter_conditions(given: Filters) -> list[sa.ColumnElement[bool]]:
    """Return a condition for each filter."""
    found: list[sa.ColumnElement[bool]] = []
    for name, value in given.items():
        column = _WEEK if name == "week" else clocks.c[name]
        # The state is written into the statement, so that the planner sees that the index of open clocks will do.
        bound: sa.BindParameter[Any] = sa.bindparam(name, value, literal_execute=name == "state")
        found.append(column.is_(None) if value == UNKNOWN else column == bound)
    return found


def _date_conditions(since: datetime | None, until: datetime | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on when a promise fell due, or started where nothing is due."""
    found = [] if since is None else [sa.literal(since, _INSTANT) <= _DATED]
    return found if until is None else [*found, sa.literal(until, _INSTANT) > _DATED]


def _select_worst_run_of_each_lead(counted: Counted, chosen: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """Choose of each lead the worst of the runs that are chosen, where a figure counts it so."""
    order = sa.func.row_number().over(
        partition_by=(clocks.c.lead_id, clocks.c.clock), order_by=(_RANK.desc(), clocks.c.run.desc())
    )
    ranked = sa.select(clocks.c.clock_id, _RANK.label("rank"), order.label("place")).where(*chosen).subquery()
    states = _FALLEN_DUE if counted == "due" else (counted,)
    ranks = [place for place, name in enumerate(_WORST) if name in states]
    return sa.select(ranked.c.clock_id).where(ranked.c.place == 1, ranked.c.rank.in_(ranks))


async def list_breaches(
    tx: Transaction,
    given: Filters,
    *,
    misses: MissFilter,
    after: tuple[datetime, UUID] | None,
    limit: int,
    reach: LeadReach | None = None,
) -> list[ClockLine]:
    """Return what was missed and not taken back, the latest first, after a position; no leads with an opportunity."""
    breached_at, name = clocks.c.breached_at, clocks.c.clock_id
    statement = sa.select(*_LINE).where(breached_at.is_not(None), clocks.c.state.in_(["breached", "met_late"]))
    statement = statement.where(clocks.c.lead_id.not_in(sa.select(leads.c.lead_id).where(leads.c.outcome)))
    statement = _restrict_to_reach(reach, statement.order_by(breached_at.desc(), name.desc()).limit(limit))
    statement = statement.where(*_filter_conditions(given), *_miss_conditions(misses))
    if after is not None:
        position = sa.tuple_(sa.literal(after[0], _INSTANT), sa.literal(after[1], sa.Uuid))
        statement = statement.where(sa.tuple_(breached_at, name) < position)
    return await read_rows(tx, ClockLine, statement)


def _miss_conditions(misses: MissFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if misses.is_open:
        found += [clocks.c.state == "breached", clocks.c.closed_at.is_(None)]
    if misses.is_ignored:
        untouched = sa.select(leads.c.lead_id).where(
            leads.c.touches == 0,
            leads.c.ended_at.is_(None),
            sa.or_(leads.c.waits_until.is_(None), leads.c.waits_until <= sa.func.business_now()),
        )
        found += [clocks.c.clock == "first_touch", clocks.c.state == "breached", clocks.c.lead_id.in_(untouched)]
    if misses.due_from is not None:
        found.append(clocks.c.due_at >= sa.literal(misses.due_from, _INSTANT))
    if misses.due_before is not None:
        found.append(clocks.c.due_at < sa.literal(misses.due_before, _INSTANT))
    return found


def _restrict_to_reach(reach: LeadReach | None, statement: sa.Select[Any]) -> sa.Select[Any]:
    """Restrict clocks to leads that are in reach now, whoever had them when the clock ran."""
    if reach is None:
        return statement
    mine = leads.c.rep_id == reach.rep_id if reach.rep_id is not None else leads.c.team == reach.team
    return statement.where(clocks.c.lead_id.in_(sa.select(leads.c.lead_id).where(mine)))


async def count_compliance(
    tx: Transaction,
    by: By,
    *,
    since: datetime | None,
    until: datetime | None,
    team: str | None = None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[ComplianceLine]:
    """Count leads by how each clock came out, by key and clock; `seconds` is the median from start to touch.

    With a `team` only the clocks count that ran for it.
    """
    by_lead = _select_outcomes_by_key(by, since, until, team).subquery()
    counts = [sa.func.count().filter(by_lead.c.worst == rank).label(name) for rank, name in enumerate(_WORST)]
    seconds = sa.func.percentile_cont(0.5).within_group(by_lead.c.seconds).label("seconds")
    promised = sa.func.bool_or(by_lead.c.promised).label("promised")
    key = sa.func.coalesce(by_lead.c.key, "")
    statement = sa.select(by_lead.c.key, by_lead.c.clock, promised, seconds, *counts)
    statement = statement.group_by(by_lead.c.key, by_lead.c.clock).order_by(key, by_lead.c.clock).limit(limit)
    if after is not None:
        statement = statement.where(
            sa.tuple_(key, by_lead.c.clock) > sa.tuple_(sa.literal(after[0]), sa.literal(after[1]))
        )
    return await read_rows(tx, ComplianceLine, statement)


def _select_outcomes_by_key(by: By, since: datetime | None, until: datetime | None, team: str | None) -> sa.Select[Any]:
    took = sa.func.extract("epoch", sa.func.greatest(clocks.c.met_at, clocks.c.started_at) - clocks.c.started_at)
    statement = sa.select(
        _KEYS[by].label("key"),
        clocks.c.clock,
        sa.func.max(_RANK).label("worst"),
        sa.func.min(took).filter(clocks.c.met_at.is_not(None)).label("seconds"),
        sa.func.bool_or(clocks.c.due_at.is_not(None)).label("promised"),
    ).group_by(_KEYS[by], clocks.c.clock, clocks.c.lead_id)
    if team is not None:
        statement = statement.where(clocks.c.team == team)
    return statement.where(*_date_conditions(since, until))
