"""The floor: pools held, seats locked, who waits, who owns which account. Locked in one order by everybody.

First the pools' rows in the order of their names, then the seats in the order of theirs. Only the pools that a batch
needs are held, and nothing is locked by table, so that batches for different teams never wait for each other.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from events.leads import LeadFacts
from events.runtime import Transaction
from routing.domain import Campaign, Floor, Rep, Rotation, Seat, route
from routing.models import Pools, Seats
from routing.playbook import RoutingPlaybook
from routing.store.accounts import book_of
from routing.store.reps import everybody

_HOLD = text("select team, level from pools where team = any(cast(:teams as text[])) order by team for no key update")
_MAKE = text("insert into pools (team, level) select unnest(cast(:teams as text[])), 0 on conflict do nothing")
_SEATS = text("select * from seats where rep_id = any(cast(:reps as text[])) order by rep_id for no key update")
_WAITING = text(
    "select team, queue, fit, count(*) as leads from leads"
    " where state = 'queued' and team = any(cast(:teams as text[])) group by team, queue, fit"
)
_CAMPAIGNS = text("select campaign, brief, content from campaigns where campaign = any(cast(:campaigns as text[]))")


async def open_floor(
    tx: Transaction, playbook: RoutingPlaybook, leads: Collection[LeadFacts], teams: Iterable[str | None] = ()
) -> Floor:
    """Load what is needed to decide on these leads: their lines' teams, those of who has a claim, and `teams`."""
    campaigns = await _campaigns(tx, {lead.campaign for lead in leads if lead.campaign})
    book = await book_of(tx, playbook, leads)
    wanted = {route(lead, playbook).queue.team for lead in leads} | set(teams)
    if people := book.people():
        wanted |= {rep.team for rep_id, rep in (await everybody(tx, playbook)).items() if rep_id in people}
    held = sorted(team for team in wanted if team in playbook.teams)
    levels = await hold(tx, held)
    reps = await everybody(tx, playbook)
    seats = await _seats(tx, [rep for rep in reps.values() if rep.team in levels])
    now, catch_up = tx.now, playbook.fairness.catch_up
    pools = {
        team: Rotation.of((seat.at(now) for seat in seats.values() if seat.rep.team == team), level, catch_up)
        for team, level in levels.items()
    }
    return Floor(
        playbook=playbook,
        version=tx.playbook_version,
        pools=pools,
        waiting=await _waiting(tx, held),
        book=replace(book, roles={rep_id: rep.role for rep_id, rep in reps.items()}),
        campaigns=campaigns,
        team_of={rep_id: seat.rep.team for rep_id, seat in seats.items()},
        stored=seats,
        levels=levels,
    )


async def hold(tx: Transaction, teams: Sequence[str]) -> dict[str, float]:
    """Hold the pools of these teams, which are in the order of their names, to the end; give the level of each."""
    rows = await tx.fetch(_HOLD, {"teams": list(teams)})
    if len(rows) < len(teams):
        await tx.execute(_MAKE, {"teams": list(teams)})
        rows = await tx.fetch(_HOLD, {"teams": list(teams)})
    return {row["team"]: row["level"] for row in rows}


async def _seats(tx: Transaction, reps: Sequence[Rep]) -> dict[str, Seat]:
    rows = {row["rep_id"]: row for row in await tx.fetch(_SEATS, {"reps": [rep.rep_id for rep in reps]})}
    return {rep.rep_id: seat_of(rep, rows.get(rep.rep_id)) for rep in reps}


def seat_of(rep: Rep, row: Mapping[str, Any] | None) -> Seat:
    """Read a seat; in a team that the rep is new in, they were never in the rotation."""
    if row is None:
        return Seat(rep)
    load = {name: row[name] for name in ("open", "day", "today", "this_week")}
    if row["team"] != rep.team:
        return Seat(rep, **load)
    turn = {name: row[name] for name in ("position", "taking_part", "weight", "rested_at")}
    return Seat(rep, **turn, **load)


async def _waiting(tx: Transaction, teams: Sequence[str]) -> dict[str, dict[tuple[str, Any], int]]:
    waiting: dict[str, dict[tuple[str, Any], int]] = {}
    for row in await tx.fetch(_WAITING, {"teams": list(teams)}):
        waiting.setdefault(row["team"], {})[row["queue"], row["fit"]] = row["leads"]
    return waiting


async def _campaigns(tx: Transaction, names: Collection[str]) -> dict[str, Campaign]:
    if not names:
        return {}
    rows = await tx.fetch(_CAMPAIGNS, {"campaigns": list(names)})
    return {row["campaign"]: Campaign(row["brief"], tuple(row["content"])) for row in rows}


async def save_floor(tx: Transaction, floor: Floor) -> None:
    """Write the seats that moved, and the levels."""
    await tx.upsert(
        Seats,
        [
            {
                "rep_id": seat.rep.rep_id,
                "team": seat.rep.team,
                "weight": seat.told_in,
                "position": seat.position,
                "taking_part": seat.taking_part,
                "rested_at": seat.rested_at,
                "open": seat.open,
                "day": seat.day,
                "today": seat.today,
                "this_week": seat.this_week,
            }
            for seat in floor.moved()
        ],
    )
    await tx.upsert(
        Pools,
        [
            {"team": team, "level": pool.level}
            for team, pool in sorted(floor.settled().items())
            if pool.level != floor.levels.get(team)
        ],
    )


_FREE = text(
    "with locked as ("
    "  select s.rep_id, u.leads from seats s"
    "  join unnest(cast(:reps as text[]), cast(:leads as integer[])) as u(rep_id, leads) using (rep_id)"
    "  order by s.rep_id for no key update of s"
    " ) update seats s set open = greatest(0, s.open - locked.leads) from locked where s.rep_id = locked.rep_id"
    " returning s.team"
)
_LONGING = text("select distinct team from leads where state = 'queued' and team = any(cast(:teams as text[]))")


async def free(tx: Transaction, rid: Counter[str]) -> list[str]:
    """Take ended leads off their reps; give the teams of those reps for which somebody waits."""
    if not rid:
        return []
    rows = await tx.fetch(_FREE, {"reps": list(rid), "leads": list(rid.values())})
    return await longing(tx, {row["team"] for row in rows})


async def longing(tx: Transaction, teams: Collection[str]) -> list[str]:
    """Give those of these teams for which somebody waits."""
    if not teams:
        return []
    return sorted(row["team"] for row in await tx.fetch(_LONGING, {"teams": list(teams)}))
