"""The floor: pools held, seats locked, who waits, who owns which account. Locked in one order by everybody.

First the pools' rows in the order of their names, then the seats in the order of theirs. Only the pools that a batch
needs are held, and nothing is locked by table, so that batches for different teams never wait for each other.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from events.leads import LeadFacts
from events.runtime import Transaction
from routing.domain import Campaign, Floor, Rep, Rotation, Seat, roster, route
from routing.models import Seats
from routing.playbook import Absence, Capacity, RoutingPlaybook

_HOLD = text("select team from pools where team = any(cast(:teams as text[])) order by team for no key update")
_MAKE = text("insert into pools select unnest(cast(:teams as text[])) on conflict do nothing")
_REPS = text("select * from reps")
_SEATS = text("select * from seats where rep_id = any(cast(:reps as text[])) order by rep_id for no key update")
_WAITING = text(
    "select team, queue, fit, count(*) as leads from leads"
    " where state = 'queued' and team = any(cast(:teams as text[])) group by team, queue, fit"
)
_OWNERS = text(
    "select a.domain, a.owner, r.team from accounts a left join reps r on r.rep_id = a.owner"
    " where a.domain = any(cast(:domains as text[])) and a.owner is not null"
)
_CAMPAIGNS = text("select campaign, brief, content from campaigns where campaign = any(cast(:campaigns as text[]))")


async def open_floor(
    tx: Transaction, playbook: RoutingPlaybook, leads: Collection[LeadFacts], teams: Iterable[str | None] = ()
) -> Floor:
    """Load what is needed to decide on these leads: their queues' and owners' teams, and `teams` beside."""
    owners = await _owners(tx, playbook, {lead.email_domain for lead in leads if lead.email_domain})
    campaigns = await _campaigns(tx, {lead.campaign for lead in leads if lead.campaign})
    wanted = {route(lead, playbook).queue.team for lead in leads} | {team for _, team in owners.values()} | set(teams)
    held = sorted(team for team in wanted if team in playbook.teams)
    await hold(tx, held)
    reps = await everybody(tx, playbook)
    seats = await _seats(tx, [rep for rep in reps.values() if rep.team in held])
    pools = {
        team: Rotation.of(
            seat.at(tx.now.astimezone(playbook.teams[team].tz).date())
            for seat in seats.values()
            if seat.rep.team == team
        )
        for team in held
    }
    return Floor(
        playbook=playbook,
        version=tx.playbook_version,
        pools=pools,
        waiting=await _waiting(tx, held),
        owners={domain: owner for domain, (owner, _) in owners.items()},
        campaigns=campaigns,
        team_of={rep_id: seat.rep.team for rep_id, seat in seats.items()},
        stored=seats,
    )


async def hold(tx: Transaction, teams: Sequence[str]) -> None:
    """Hold the pools of these teams, which are in the order of their names, to the end of the transaction."""
    if len(await tx.fetch(_HOLD, {"teams": list(teams)})) < len(teams):
        await tx.execute(_MAKE, {"teams": list(teams)})
        await tx.fetch(_HOLD, {"teams": list(teams)})


async def everybody(tx: Transaction, playbook: RoutingPlaybook) -> dict[str, Rep]:
    """Give all reps, by name: the playbook's roster under what the API said."""
    return roster(playbook, {row["rep_id"]: rep_of(row) for row in await tx.fetch(_REPS)})


def rep_of(row: Mapping[str, Any]) -> Rep:
    """Read a rep from its row."""
    return Rep(
        rep_id=row["rep_id"],
        team=row["team"],
        role=row["role"],
        weight=row["weight"],
        capacity=Capacity.model_validate(row["capacity"]),
        absences=tuple(Absence.model_validate(absence) for absence in row["absences"]),
        status=row["status"],
    )


async def _seats(tx: Transaction, reps: Sequence[Rep]) -> dict[str, Seat]:
    rows = {row["rep_id"]: row for row in await tx.fetch(_SEATS, {"reps": [rep.rep_id for rep in reps]})}
    return {rep.rep_id: seat_of(rep, rows.get(rep.rep_id)) for rep in reps}


def seat_of(rep: Rep, row: Mapping[str, Any] | None) -> Seat:
    """Read a seat; in a team that the rep is new in, they were never in the rotation."""
    if row is None:
        return Seat(rep)
    load = {"open": row["open"], "day": row["day"], "today": row["today"]}
    if row["team"] != rep.team:
        return Seat(rep, **load)
    return Seat(rep, position=row["position"], taking_part=row["taking_part"], weight=row["weight"], **load)


async def _waiting(tx: Transaction, teams: Sequence[str]) -> dict[str, dict[tuple[str, Any], int]]:
    waiting: dict[str, dict[tuple[str, Any], int]] = {}
    for row in await tx.fetch(_WAITING, {"teams": list(teams)}):
        waiting.setdefault(row["team"], {})[row["queue"], row["fit"]] = row["leads"]
    return waiting


async def _owners(
    tx: Transaction, playbook: RoutingPlaybook, domains: Collection[str]
) -> dict[str, tuple[str, str | None]]:
    """Give the owner of each domain that has one, with the team they are in as far as that is known."""
    if not domains or not playbook.account_owner_first:
        return {}
    rows = await tx.fetch(_OWNERS, {"domains": list(domains)})
    listed = {rep_id: entry.team for rep_id, entry in playbook.reps.items()}
    return {row["domain"]: (row["owner"], row["team"] or listed.get(row["owner"])) for row in rows}


async def _campaigns(tx: Transaction, names: Collection[str]) -> dict[str, Campaign]:
    if not names:
        return {}
    rows = await tx.fetch(_CAMPAIGNS, {"campaigns": list(names)})
    return {row["campaign"]: Campaign(row["brief"], tuple(row["content"])) for row in rows}


async def save_floor(tx: Transaction, floor: Floor) -> None:
    """Write the seats that moved."""
    await tx.upsert(
        Seats,
        [
            {
                "rep_id": seat.rep.rep_id,
                "team": seat.rep.team,
                "weight": seat.told_in,
                "position": seat.position,
                "taking_part": seat.taking_part,
                "open": seat.open,
                "day": seat.day,
                "today": seat.today,
            }
            for seat in floor.moved()
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
