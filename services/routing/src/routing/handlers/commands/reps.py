"""Commands about reps: add or change one, replace the absences of a calendar file."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from events.runtime import Transaction
from routing import domain, store
from routing.domain import Rep
from routing.handlers.calendars import publish_calendars
from routing.handlers.errors import (
    CalendarInvalid,
    HoursInvalid,
    RepNotFound,
    TeamMissing,
    TeamUnknown,
)
from routing.playbook import Absence, Capacity, RoutingPlaybook, Team
from routing.store.reps import WorkingHours

EXPAND_AHEAD = timedelta(days=366)
"""How far ahead recurring absences are computed; a file is sent again within a year."""


@dataclass(frozen=True, slots=True)
class RepPatch:
    """A rep and the fields to change, by their API names; fields that are not in `changes` stay as they are."""

    rep_id: str
    changes: dict[str, Any] = field(default_factory=dict)


async def put_rep(patch: RepPatch, tx: Transaction) -> None:
    """Add a rep or change one; leads that wait for the rep's team are served at once if the rep now can.

    Locks every pool, so that no batch decides on half of the change; this is rare and short.

    Raises:
        TeamMissing: A new rep without a team.
        TeamUnknown: The playbook has no such team.
        HoursInvalid: The hours make no calendar.
    """
    playbook = tx.playbook(RoutingPlaybook)
    await store.lock_pools(tx, sorted(playbook.teams))
    known, changes = (await store.all_reps(tx, playbook)).get(patch.rep_id), patch.changes
    team = changes.get("team", known.team if known else None)
    if team is None:
        raise TeamMissing(field="team")
    if team not in playbook.teams:
        raise TeamUnknown(field="team")
    moved = known is None or known.team != team
    before = Rep(patch.rep_id, team, playbook.teams[team].role) if known is None else known
    working = (await store.reps.working_hours(tx)).get(patch.rep_id, WorkingHours(patch.rep_id))
    hours, works = changes.get("hours", working.hours), {**(working.works or {}), **changes.get("works", {})}
    if "hours" in changes or "works" in changes:
        _check_calendar(hours, works, playbook.teams[team])
    capacity: Capacity = changes.get("capacity", before.capacity)
    absences: tuple[Absence, ...] = changes.get("absences", before.absences)
    status = changes.get("status", before.status)
    await store.reps.save_rep(
        tx,
        {
            "rep_id": patch.rep_id,
            "put_at": tx.now,
            "team": team,
            "role": changes.get("role", playbook.teams[team].role if moved else before.role),
            "weight": changes.get("weight", before.weight),
            "capacity": capacity.model_dump(mode="json"),
            "hours": hours,
            "works": works,
            "absences": [absence.model_dump(mode="json", by_alias=True, exclude_defaults=True) for absence in absences],
            "status": status,
        },
    )
    await publish_calendars(tx, [patch.rep_id])
    store.timers.drain_now(tx, await store.teams_with_waiting_leads(tx, [team]))
    if status == "left":
        store.timers.redistribute_now(tx, patch.rep_id)


async def put_absences(rep_id: str, text: bytes, tx: Transaction) -> int:
    """Replace the absences of a rep's earlier calendar file by those of this iCalendar file; return their number.

    Raises:
        RepNotFound: No such rep.
        CalendarInvalid: Not an iCalendar file, or too many absences.
    """
    known = (await store.all_reps(tx, tx.playbook(RoutingPlaybook))).get(rep_id)
    if known is None:
        raise RepNotFound
    try:
        found = await asyncio.to_thread(domain.absences_of, text, known.zone, tx.now, tx.now + EXPAND_AHEAD)
    except ValueError as error:
        raise CalendarInvalid(field="body") from error
    by_hand = tuple(absence for absence in known.absences if not absence.imported)
    await put_rep(RepPatch(rep_id, {"absences": (*by_hand, *found)}), tx)
    return len(found)


def _check_calendar(hours: list[Any], works: dict[str, Any], team: Team) -> None:
    try:
        domain.calendar_of(hours, works, team)
    except ValueError as error:
        raise HoursInvalid(field="hours") from error
