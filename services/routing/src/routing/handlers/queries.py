"""Queries: teams, queues, reps with their load, escalations and decisions, as JSON values."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from events.leads import LeadFacts, LeadQualified
from events.runtime import Transaction
from routing import store
from routing.domain import (
    Lead,
    Meeting,
    RotationSnapshot,
    Seat,
    Trial,
    candidates,
    find_route,
    free_slots,
    inputs_from_json,
    replay,
    try_out,
)
from routing.playbook import RoutingPlaybook

A_MONTH = timedelta(days=31)


async def teams(tx: Transaction) -> list[dict[str, Any]]:
    """Return each team with its queues and reps, and whether anybody can take a lead now."""
    playbook = tx.playbook(RoutingPlaybook)
    known = await seats(tx, playbook)
    waiting = await store.views.queue_lengths(tx)
    shown = []
    for name, team in playbook.teams.items():
        members = [seat for seat in known.values() if seat.rep.team == name]
        able = sum(seat.why_not is None for seat in members)
        shown.append(
            {
                "team": name,
                "role": team.role,
                "zone": team.zone,
                "queues": [queue for queue, line in playbook.queues.items() if line.team == name],
                "reps": len(members),
                "able": able,
                "full": able == 0,
                "open": sum(seat.open for seat in members),
                "waiting": sum(line["waiting"] for line in waiting if line["team"] == name),
            }
        )
    return shown


async def trial(tx: Transaction, facts: LeadFacts) -> Trial:
    """Return what would become of a lead with these facts; nothing is saved."""
    lead = (await store.leads.load_for_events(tx, [facts])).get(facts.lead_id)
    new = lead or Lead(facts.lead_id, facts.contact_id, facts.cycle)
    return try_out(new, facts, await store.load_context(tx, tx.playbook(RoutingPlaybook), [facts]), tx.now)


async def slots(tx: Transaction, queue: str, since: datetime, until: datetime, limit: int) -> list[dict[str, Any]]:
    """Return the free slots of a queue's team, at most `limit`, each with the reps who are free."""
    playbook = tx.playbook(RoutingPlaybook)
    team = playbook.queues[queue].team
    members = [seat for seat in (await seats(tx, playbook)).values() if seat.rep.team == team]
    booked = await store.booked(tx, [seat.rep.rep_id for seat in members])
    found = free_slots(members, booked, playbook.booking, tx.now, (since, until))
    return [slot._asdict() for slot in islice(found, limit)]


async def meetings(tx: Transaction, *, rep_id: str | None = None, lead_id: UUID | None = None) -> list[Meeting]:
    """Return the meetings of a rep, those of the last month included, or that of one lead."""
    rows = await store.views.meetings(tx, rep_id, lead_id, tx.now - A_MONTH)
    return [Meeting(**row) for row in rows]


async def queues(tx: Transaction) -> list[dict[str, Any]]:
    """Return each queue in its order of service: how many leads wait and since when, and who could take them."""
    playbook = tx.playbook(RoutingPlaybook)
    standings = Counter((seat.rep.team, seat.standing(tx.now)) for seat in (await seats(tx, playbook)).values())
    lines = {line["queue"]: line for line in await store.views.queue_lengths(tx)}
    ordered = sorted(playbook.queues.items(), key=lambda item: (item[1].team, item[1].priority, item[0]))
    return [
        {
            "queue": name,
            "team": queue.team,
            "priority": queue.priority,
            "waiting": lines[name]["waiting"] if name in lines else 0,
            "oldest_at": lines[name]["oldest_at"] if name in lines else None,
            "oldest_seconds": int((tx.now - lines[name]["oldest_at"]).total_seconds()) if name in lines else None,
            **{standing: standings[queue.team, standing] for standing in ("able", "full", "away")},
        }
        for name, queue in ordered
    ]


async def reps(tx: Transaction) -> list[dict[str, Any]]:
    """Return all reps, by id."""
    playbook = tx.playbook(RoutingPlaybook)
    hours_of = await store.reps.working_hours(tx)
    return [_rep(seat, *hours_of.get(name, ([], {})), tx.now) for name, seat in (await seats(tx, playbook)).items()]


async def rep(tx: Transaction, rep_id: str) -> dict[str, Any] | None:
    """Return one rep; None where there is none."""
    return next((shown for shown in await reps(tx) if shown["rep_id"] == rep_id), None)


async def team_of(tx: Transaction, rep_id: str) -> str | None:
    """Return the team of a rep; None: no such rep."""
    found = (await store.all_reps(tx, tx.playbook(RoutingPlaybook))).get(rep_id)
    return found.team if found else None


async def seats(tx: Transaction, playbook: RoutingPlaybook) -> dict[str, Seat]:
    """Return each rep's seat as of now, by id; nothing is locked."""
    loads = await store.views.seat_rows(tx)
    people = await store.all_reps(tx, playbook)
    return {name: store.seat_of(person, loads.get(name)).at(tx.now) for name, person in people.items()}


def _rep(seat: Seat, hours: list[Any], works: dict[str, Any], now: datetime) -> dict[str, Any]:
    person = seat.rep
    return {
        "rep_id": person.rep_id,
        "team": person.team,
        "role": person.role,
        "weight": person.weight,
        "capacity": person.capacity.model_dump(mode="json"),
        "hours": hours,
        "works": works,
        "zone": person.zone.key,
        "absences": [
            absence.model_dump(mode="json", by_alias=True, exclude_defaults=True) for absence in person.absences
        ],
        "status": person.status,
        "open": seat.open,
        "today": seat.today,
        "this_week": seat.this_week,
        "able": seat.why_not is None,
        "why_not": seat.why_not,
        "able_at": None if seat.why_not is None else seat.available_at(now),
    }


async def raised(tx: Transaction, team: str | None, after: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """Return what was escalated, each with the manager it is for."""
    teams = tx.playbook(RoutingPlaybook).teams
    found = await store.views.raised(tx, team, after, limit)
    return [row | {"manager": teams[row["team"]].manager if row["team"] in teams else None} for row in found]


async def decisions(tx: Transaction, lead_id: UUID, after: int, limit: int) -> list[dict[str, Any]]:
    """Return decisions; those that chose a rep also with every candidate, and the rep whom a replay chooses."""
    rows = await store.views.decisions(tx, lead_id, after, limit)
    snapshots = await store.snapshots.load(tx, {row["scene_id"] for row in rows if row["scene_id"]})
    return [await _decision(tx, row, snapshots.get(row.pop("scene_id"))) for row in rows]


async def _decision(tx: Transaction, row: dict[str, Any], snapshot: RotationSnapshot | None) -> dict[str, Any]:
    inputs, facts = row.pop("grounds"), row.pop("facts")
    if snapshot is None or inputs is None:
        return row
    found = inputs_from_json(inputs)
    playbook = await tx.playbook_of(row["playbook_version"], RoutingPlaybook)
    lead_facts = LeadQualified.read(facts)
    choice = replay(lead_facts, found, snapshot, playbook)
    asked = snapshot.after(found.turn).get(found.team or find_route(lead_facts, playbook).queue.team)
    return row | {
        "candidates": candidates(asked) if asked else [],
        "claims": [asdict(claim) for claim in found.claims],
        "replays_to": choice.rep_id,
    }
