"""Pools: the rotation of each team, with its seats and waiting leads, locked for a transaction.

Everybody locks in one order: the pools' rows by name, then the seats' rows by name. Only the pools that a batch needs
are locked, and no table is, so that batches for different teams never wait for each other.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from events.leads import LeadFacts
from events.runtime import Transaction, bulk
from events.runtime.rows import Row, read_rows
from routing.domain import (
    WANTS_SLOT,
    Campaign,
    Rep,
    Rotation,
    RoutingContext,
    Seat,
    choose_queue_by_rules,
    find_account,
    find_account_kind,
    find_content_read,
    find_nameable_campaigns,
    with_account_kind,
)
from routing.models import Pools, Seats
from routing.playbook import RoutingPlaybook
from routing.store.accounts import load_directory
from routing.store.reps import load_all_reps

_LOCK_POOLS = "select team, level from pools where team = any($1::text[]) order by team for no key update"
_CREATE_POOLS = "insert into pools (team, level) select unnest($1::text[]), 0 on conflict do nothing"
_WAITING = (
    "select team, queue, fit, count(*) as leads from leads"
    " where state = 'queued' and team = any($1::text[]) group by team, queue, fit"
)
_BOOKED = (
    "select rep_id, meeting_at from leads where state = 'assigned' and rep_id = any($1::text[])"
    " and meeting_at >= $2 and lead_id is distinct from $3::uuid"
)
A_DAY = timedelta(days=1)
_CAMPAIGNS = (
    "select campaign, name, brief, content, titles from campaigns"
    " where campaign = any($1::text[]) or content ?| $2::text[]"
)


class SeatRow(Row):
    """Where a rep stands in the rotation of a team, and the load they carry."""

    rep_id: str
    team: str
    weight: float
    position: float
    taking_part: bool
    open: int
    day: date | None
    today: int
    this_week: int
    rested_at: float | None


_SEATS = f"select {', '.join(SeatRow.names())} from seats"  # noqa: S608 - names of columns
_LOCK_SEATS = f"{_SEATS} where rep_id = any($1::text[]) order by rep_id for no key update"


async def load_context(
    tx: Transaction, playbook: RoutingPlaybook, leads: Collection[LeadFacts], teams: Iterable[str | None] = ()
) -> RoutingContext:
    """Load what is needed to decide on these leads, and lock the pools.

    Args:
        tx: The transaction; the locks last until it ends.
        playbook: The rules in force.
        leads: Their queues' teams are loaded, and the teams of everybody who has a claim on one of them.
        teams: Further teams.
    """
    campaigns = await _load_campaigns(tx, leads)
    directory = await load_directory(tx, playbook, leads)
    wanted = {choose_queue_by_rules(lead, playbook).queue.team for lead in leads} | set(teams)
    if "account_kind" in playbook.asked_facts:
        similar = playbook.account_first.similar_name
        kinds = [find_account_kind(find_account(lead, directory, similar), directory) for lead in leads]
        known = (with_account_kind(lead, kind) for lead, kind in zip(leads, kinds, strict=True))
        wanted |= {choose_queue_by_rules(lead, playbook).queue.team for lead in known}
    if people := directory.claiming_rep_ids():
        wanted |= {rep.team for rep_id, rep in (await load_all_reps(tx, playbook)).items() if rep_id in people}
    locked = sorted(team for team in wanted if team in playbook.teams)
    levels = await lock_pools(tx, locked)
    reps = await load_all_reps(tx, playbook)
    seats = await _lock_seats(tx, [rep for rep in reps.values() if rep.team in levels])
    now, catch_up = tx.now, playbook.fairness.catch_up
    pools = {
        team: Rotation.from_seats(
            (seat.at_instant(now) for seat in seats.values() if seat.rep.team == team), level, catch_up
        )
        for team, level in levels.items()
    }
    return RoutingContext(
        playbook=playbook,
        version=tx.playbook_version,
        pools=pools,
        waiting=await _count_waiting_leads(tx, locked),
        directory=replace(directory, roles={rep_id: rep.role for rep_id, rep in reps.items()}),
        campaigns=campaigns,
        team_of={rep_id: seat.rep.team for rep_id, seat in seats.items()},
        stored=seats,
        levels=levels,
        booked=await load_booked_times(tx, list(seats)) if any(lead.preference == WANTS_SLOT for lead in leads) else {},
    )


async def context_with_booked_times(
    tx: Transaction, context: RoutingContext, meetings: Iterable[datetime | None]
) -> RoutingContext:
    """Return a context that knows when its reps meet somebody, where one of the leads' meetings is ahead."""
    if context.booked or not any(at is not None and at > tx.now for at in meetings):
        return context
    return context._replace(booked=await load_booked_times(tx, list(context.stored)))


async def load_booked_times(
    tx: Transaction, reps: Sequence[str], without: UUID | None = None
) -> dict[str, tuple[datetime, ...]]:
    """Return when the meetings of these reps begin that are not long over, `without` that of one lead."""
    found: dict[str, tuple[datetime, ...]] = {}
    for row in await tx.raw.fetch(_BOOKED, list(reps), tx.now - A_DAY, without):
        found[row["rep_id"]] = (*found.get(row["rep_id"], ()), row["meeting_at"])
    return found


async def lock_pools(tx: Transaction, teams: Sequence[str]) -> dict[str, float]:
    """Lock the pools of these teams, given in the order of their names, and return each team's level."""
    rows = await tx.raw.fetch(_LOCK_POOLS, list(teams))
    if len(rows) < len(teams):
        await tx.raw.execute(_CREATE_POOLS, list(teams))
        rows = await tx.raw.fetch(_LOCK_POOLS, list(teams))
    return {row["team"]: row["level"] for row in rows}


async def _lock_seats(tx: Transaction, reps: Sequence[Rep]) -> dict[str, Seat]:
    found = await read_rows(tx, SeatRow, _LOCK_SEATS, [rep.rep_id for rep in reps])
    rows = {row.rep_id: row for row in found}
    return {rep.rep_id: seat_from_row(rep, rows.get(rep.rep_id)) for rep in reps}


async def load_seat_rows(tx: Transaction) -> dict[str, SeatRow]:
    """Return each seat's row, by rep; none is locked."""
    return {row.rep_id: row for row in await read_rows(tx, SeatRow, _SEATS)}


def seat_from_row(rep: Rep, row: SeatRow | None) -> Seat:
    """Return the seat of a row; a rep who is new in a team was never in its rotation."""
    if row is None:
        return Seat(rep)
    if row.team != rep.team:
        return Seat(rep, open=row.open, day=row.day, today=row.today, this_week=row.this_week)
    return Seat(
        rep, position=row.position, taking_part=row.taking_part, weight=row.weight, rested_at=row.rested_at,
        open=row.open, day=row.day, today=row.today, this_week=row.this_week,
    )  # fmt: skip


async def _count_waiting_leads(tx: Transaction, teams: Sequence[str]) -> dict[str, dict[tuple[str, Any], int]]:
    waiting: dict[str, dict[tuple[str, Any], int]] = {}
    for row in await tx.raw.fetch(_WAITING, list(teams)):
        waiting.setdefault(row["team"], {})[row["queue"], row["fit"]] = row["leads"]
    return waiting


async def _load_campaigns(tx: Transaction, leads: Collection[LeadFacts]) -> dict[str, Campaign]:
    """Return the campaigns that these leads name, and those that have what their contacts read."""
    names = {name for lead in leads for name in find_nameable_campaigns(lead)}
    read = {content for lead in leads for content in find_content_read(lead)}
    if not (names or read):
        return {}
    rows = await tx.raw.fetch(_CAMPAIGNS, list(names), list(read))
    return {
        row["campaign"]: Campaign(row["brief"], tuple(row["content"]), row["name"], row["titles"] or {}) for row in rows
    }


def build_seat_and_level_writes(context: RoutingContext) -> list[bulk.Write]:
    """Return what saves the seats that moved, and the levels."""
    seats = [
        {
            "rep_id": seat.rep.rep_id,
            "team": seat.rep.team,
            "weight": seat.position_weight,
            "position": seat.position,
            "taking_part": seat.taking_part,
            "rested_at": seat.rested_at,
            "open": seat.open,
            "day": seat.day,
            "today": seat.today,
            "this_week": seat.this_week,
        }
        for seat in context.seats_to_save()
    ]
    levels = [
        {"team": team, "level": pool.level}
        for team, pool in sorted(context.rotations_to_save().items())
        if pool.level != context.levels.get(team)
    ]
    return [bulk.build_upsert(table, rows) for table, rows in ((Seats, seats), (Pools, levels)) if rows]


_RELEASE_CAPACITY = (
    "with locked as ("
    "  select s.rep_id, u.leads from seats s"
    "  join unnest($1::text[], $2::integer[]) as u(rep_id, leads) using (rep_id)"
    "  order by s.rep_id for no key update of s"
    " ) update seats s set open = greatest(0, s.open - locked.leads) from locked where s.rep_id = locked.rep_id"
    " returning s.team"
)
_COUNT_OPEN = (
    "insert into seats (rep_id, team, weight, position, taking_part, open, today, this_week)"
    " select rep_id, coalesce(max(team), ''), 1, 0, false, count(*), 0, 0 from leads"
    " where state = 'assigned' and rep_id = any($1::text[]) group by rep_id order by rep_id"
    " on conflict (rep_id) do update set open = excluded.open"
)
_TEAMS_WITH_WAITING = "select distinct team from leads where state = 'queued' and team = any($1::text[])"


async def reduce_open_lead_counts(tx: Transaction, freed_by_rep: Counter[str]) -> list[str]:
    """Take ended leads off their reps' load; return the reps' teams for which leads wait."""
    if not freed_by_rep:
        return []
    rows = await tx.raw.fetch(_RELEASE_CAPACITY, list(freed_by_rep), list(freed_by_rep.values()))
    return await find_teams_with_waiting_leads(tx, {row["team"] for row in rows})


async def recount_open_leads(tx: Transaction, reps: Collection[str]) -> None:
    """Count anew the open leads of reps whom nobody has described since the database was put back."""
    if reps:
        await tx.raw.execute(_COUNT_OPEN, list(reps))


async def find_teams_with_waiting_leads(tx: Transaction, teams: Collection[str]) -> list[str]:
    """Return those of these teams for which leads wait, in the order of their names."""
    if not teams:
        return []
    return sorted(row["team"] for row in await tx.raw.fetch(_TEAMS_WITH_WAITING, list(teams)))
