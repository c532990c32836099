"""Reps as they are now: the playbook's roster, overridden by what the API set. Parsed columns are cached."""

from collections.abc import Collection, Sequence
from functools import lru_cache

import orjson

from events.business_time import Calendar
from events.leads import Role
from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from routing.domain import Rep, merge_roster, rep_calendar_of
from routing.domain.working_hours import WorkingBlock
from routing.models import Reps
from routing.playbook import Absence, Capacity, RoutingPlaybook, Status, Team


class RepRow(Row):
    """What the API set for a rep; the columns that hold JSON are texts, by which their values are cached."""

    rep_id: str
    team: str
    role: Role
    weight: float
    status: Status
    capacity: str
    absences: str
    hours: str
    works: str | None


class WorkingHoursRow(Row):
    """When a rep works: blocks of hours, and the calendar's other fields."""

    rep_id: str
    hours: list[WorkingBlock] = []
    works: JsonObject | None = None


_REPS = """
select rep_id, team, role, weight, status, capacity::text, absences::text, hours::text, works::text from reps
"""
_SOME_REPS = f"{_REPS} where rep_id = any($1::text[])"
_HOURS = "select rep_id, hours, works from reps"


async def load_all_reps(tx: Transaction, playbook: RoutingPlaybook) -> dict[str, Rep]:
    """Return all reps by id."""
    return merge_roster(playbook, _rows_to_reps(await read_rows(tx, RepRow, _REPS), playbook))


async def load_reps(tx: Transaction, playbook: RoutingPlaybook, rep_ids: Collection[str]) -> dict[str, Rep]:
    """Return those of these reps that there are, by id."""
    rows = await read_rows(tx, RepRow, _SOME_REPS, list(rep_ids))
    return merge_roster(playbook, _rows_to_reps(rows, playbook), rep_ids)


def _rows_to_reps(rows: Sequence[RepRow], playbook: RoutingPlaybook) -> dict[str, Rep]:
    return {row.rep_id: _row_to_rep(row, playbook) for row in rows if row.team in playbook.teams}


def _row_to_rep(row: RepRow, playbook: RoutingPlaybook) -> Rep:
    team = playbook.teams[row.team]
    return Rep(
        rep_id=row.rep_id,
        team=row.team,
        role=row.role,
        weight=row.weight,
        capacity=_parse_capacity(row.capacity),
        absences=_parse_absences(row.absences),
        status=row.status,
        works=_parse_calendar(row.hours, row.works or "{}", _TeamByIdentity(team)),
        team_zone=team.zone,
    )


class _TeamByIdentity:
    """A team as a cache key, by identity."""

    def __init__(self, team: Team) -> None:
        self.team = team

    def __hash__(self) -> int:
        return id(self.team)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TeamByIdentity) and other.team is self.team


@lru_cache(maxsize=4096)
def _parse_capacity(written: str) -> Capacity:
    return Capacity.model_validate_json(written)


@lru_cache(maxsize=4096)
def _parse_absences(written: str) -> tuple[Absence, ...]:
    return tuple(Absence.model_validate(absence) for absence in orjson.loads(written))


@lru_cache(maxsize=4096)
def _parse_calendar(hours: str, works: str, team: _TeamByIdentity) -> Calendar | None:
    return rep_calendar_of(orjson.loads(hours), orjson.loads(works), team.team)


async def save_rep(tx: Transaction, rep: Rep, working: WorkingHoursRow) -> None:
    """Save what the API set for a rep."""
    row = {
        "rep_id": rep.rep_id,
        "put_at": tx.now,
        "team": rep.team,
        "role": rep.role,
        "weight": rep.weight,
        "capacity": rep.capacity.model_dump(mode="json"),
        "hours": working.hours,
        "works": working.works,
        "absences": [absence.as_json() for absence in rep.absences],
        "status": rep.status,
    }
    await tx.upsert(Reps, [row])


async def load_working_hours(tx: Transaction) -> dict[str, WorkingHoursRow]:
    """Return what the API set for when each rep works, by rep."""
    return {row.rep_id: row for row in await read_rows(tx, WorkingHoursRow, _HOURS)}


async def load_working_hours_of(tx: Transaction, rep_id: str) -> WorkingHoursRow:
    """Return what the API set for when a rep works; nothing where it never did."""
    rows = await read_rows(tx, WorkingHoursRow, f"{_HOURS} where rep_id = $1", rep_id)
    return rows[0] if rows else WorkingHoursRow(rep_id)
