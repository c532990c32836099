"""What people look at: teams, lines, reps with their load, and whose lead is whose."""

from datetime import date
from typing import Any

from events.runtime import Transaction
from routing import store
from routing.domain import Rep, Seat
from routing.playbook import RoutingPlaybook


async def teams(tx: Transaction) -> list[dict[str, Any]]:
    """Show each team with its queues, who works there, and whether anybody can take a lead now."""
    playbook = tx.playbook(RoutingPlaybook)
    seats = await _seats(tx, playbook)
    waiting = await store.views.lines(tx)
    shown = []
    for name, team in playbook.teams.items():
        members = [seat for seat in seats.values() if seat.rep.team == name]
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


async def queues(tx: Transaction) -> list[dict[str, Any]]:
    """Show each queue in its order of service, with how many wait and since when."""
    playbook = tx.playbook(RoutingPlaybook)
    lines = {line["queue"]: line for line in await store.views.lines(tx)}
    ordered = sorted(playbook.queues.items(), key=lambda item: (item[1].team, item[1].priority, item[0]))
    return [
        {
            "queue": name,
            "team": queue.team,
            "priority": queue.priority,
            "waiting": lines[name]["waiting"] if name in lines else 0,
            "oldest_at": lines[name]["oldest_at"] if name in lines else None,
        }
        for name, queue in ordered
    ]


async def reps(tx: Transaction) -> list[dict[str, Any]]:
    """Show everybody, by name."""
    playbook = tx.playbook(RoutingPlaybook)
    hours = await store.views.hours(tx)
    return [_rep(seat, hours.get(name, [])) for name, seat in (await _seats(tx, playbook)).items()]


async def rep(tx: Transaction, rep_id: str) -> dict[str, Any] | None:
    """Show one rep."""
    return next((shown for shown in await reps(tx) if shown["rep_id"] == rep_id), None)


async def _seats(tx: Transaction, playbook: RoutingPlaybook) -> dict[str, Seat]:
    loads = await store.views.loads(tx)
    people = await store.everybody(tx, playbook)
    return {
        name: store.seat_of(person, loads.get(name)).at(_today(tx, playbook, person)) for name, person in people.items()
    }


def _today(tx: Transaction, playbook: RoutingPlaybook, person: Rep) -> date:
    return tx.now.astimezone(playbook.teams[person.team].tz).date()


def _rep(seat: Seat, hours: list[Any]) -> dict[str, Any]:
    person = seat.rep
    return {
        "rep_id": person.rep_id,
        "team": person.team,
        "role": person.role,
        "weight": person.weight,
        "capacity": person.capacity.model_dump(mode="json"),
        "hours": hours,
        "absences": [absence.model_dump(mode="json", by_alias=True) for absence in person.absences],
        "status": person.status,
        "open": seat.open,
        "today": seat.today,
        "able": seat.why_not is None,
        "why_not": seat.why_not,
    }
