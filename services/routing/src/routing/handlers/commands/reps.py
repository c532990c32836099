"""Commands about reps: add or change one, replace the absences of a calendar file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from events.leads import Role
from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.problems import RETRY_LATER, Problem
from routing import domain, store
from routing.domain import Rep
from routing.domain.calendar_process import CalendarFile
from routing.domain.working_hours import WorkingBlock
from routing.handlers.calendar_parsing import parse_uploaded_file
from routing.handlers.calendars import publish_calendars
from routing.handlers.errors import (
    CalendarHasSource,
    CalendarInvalid,
    CalendarTakesTooLong,
    CalendarTooComplex,
    CalendarUnreadable,
    HoursInvalid,
    RepNotFound,
    TeamMissing,
    TeamUnknown,
)
from routing.playbook import Absence, Capacity, RoutingPlaybook, Status, Team
from routing.store.reps import WorkingHoursRow

if TYPE_CHECKING:
    from events.runtime import Service

EXPAND_AHEAD = timedelta(days=366)
"""How far ahead recurring absences are computed; a file is sent again within a year."""


@dataclass(frozen=True, slots=True)
class RepPatch:
    """A rep and what to change; what is None stays as it is, or is the usual for a new rep."""

    rep_id: str
    team: str | None = None
    role: Role | None = None
    weight: float | None = None
    capacity: Capacity | None = None
    hours: list[WorkingBlock] | None = None
    works: JsonObject | None = None
    absences: Sequence[Absence] | None = None
    status: Status | None = None


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
    known = (await store.load_reps(tx, playbook, [patch.rep_id])).get(patch.rep_id)
    is_read = known is not None and await store.calendar_sources.has_source(tx, patch.rep_id)
    if known is not None and is_read:
        patch = _keep_what_is_read(patch, known)
    team = known.team if patch.team is None and known else patch.team
    if team is None:
        raise TeamMissing(field="team")
    if team not in playbook.teams:
        raise TeamUnknown(field="team")
    rep = _apply_patch(known, patch, team, playbook.teams[team].role)
    working = await store.reps.load_working_hours_of(tx, patch.rep_id)
    working = WorkingHoursRow(
        patch.rep_id,
        working.hours if patch.hours is None else patch.hours,
        {**(working.works or {}), **(patch.works or {})},
    )
    if patch.hours is not None or patch.works is not None:
        _check_working_hours(working, playbook.teams[team])
    await store.reps.save_rep(tx, rep, working)
    await publish_calendars(tx, [patch.rep_id])
    store.timers.schedule_drain_now(tx, await store.find_teams_with_waiting_leads(tx, [team]))
    if rep.status == "left":
        await store.calendar_sources.delete_source(tx, patch.rep_id)
        store.timers.schedule_redistribution(tx, patch.rep_id)
    elif known is not None and is_read:
        await _read_calendar_where_they_moved(known, tx)


def _keep_what_is_read(patch: RepPatch, known: Rep) -> RepPatch:
    """Return a patch whose absences are those set by hand, and the ones that the rep's own calendar brought."""
    if patch.absences is None:
        return patch
    by_hand = [absence for absence in patch.absences if not absence.imported]
    return replace(patch, absences=(*by_hand, *(absence for absence in known.absences if absence.imported)))


async def _read_calendar_where_they_moved(before: Rep, tx: Transaction) -> None:
    """Have a rep's own calendar read anew where they changed their zone, by which it counts, or their team."""
    now = (await store.load_reps(tx, tx.playbook(RoutingPlaybook), [before.rep_id]))[before.rep_id]
    if (now.zone, now.team) != (before.zone, before.team):
        await store.calendar_sources.read_whole_now(tx, before.rep_id)


def _apply_patch(known: Rep | None, patch: RepPatch, team: str, usual: Role) -> Rep:
    """Return a rep with what a patch changes; who comes to another team has its `usual` role there."""
    before = known or Rep(patch.rep_id, team, usual)
    return replace(
        before,
        team=team,
        role=patch.role or (before.role if before.team == team else usual),
        weight=before.weight if patch.weight is None else patch.weight,
        capacity=patch.capacity or before.capacity,
        absences=before.absences if patch.absences is None else tuple(patch.absences),
        status=patch.status or before.status,
    )


async def parse_calendar_file(service: "Service", rep_id: str, text: bytes) -> tuple[Absence, ...]:
    """Return the absences in a calendar file for a rep; no transaction is open while it is parsed.

    Raises:
        RepNotFound: No such rep.
        CalendarHasSource: Their calendar is read at an address.
        CalendarInvalid: Not an iCalendar file, one that is not understood, or too many absences.
        CalendarTakesTooLong: It has more than can be read in a few seconds.
        CalendarTooComplex: It has more than can be read within the memory for it.
        Problem: 503, other files are being parsed, or the process that parses failed.
    """
    async with service.transaction() as tx:
        known, now = await _load_rep_without_source(rep_id, tx), tx.now
    try:
        return await parse_uploaded_file(CalendarFile(text, known.zone, now, now + EXPAND_AHEAD))
    except CalendarUnreadable as error:
        if error.problem == "reading_failed":
            raise Problem(503, "unavailable", headers=RETRY_LATER) from error
        refusal = {"takes_too_long": CalendarTakesTooLong, "calendar_too_complex": CalendarTooComplex}
        raise refusal.get(error.problem, CalendarInvalid)(field="body") from error


async def import_absences(rep_id: str, found: Sequence[Absence], tx: Transaction) -> int:
    """Replace the absences of a rep's earlier calendar file by those of another; return their number.

    Raises:
        RepNotFound: No such rep.
        CalendarHasSource: Their calendar is read at an address.
    """
    await store.lock_pools(tx, sorted(tx.playbook(RoutingPlaybook).teams))
    await _load_rep_without_source(rep_id, tx)  # an address may have been named while the file was read
    await replace_imported_absences(rep_id, found, tx)
    return len(found)


async def _load_rep_without_source(rep_id: str, tx: Transaction) -> Rep:
    known = (await store.load_reps(tx, tx.playbook(RoutingPlaybook), [rep_id])).get(rep_id)
    if known is None:
        raise RepNotFound
    if await store.calendar_sources.has_source(tx, rep_id):
        raise CalendarHasSource
    return known


async def replace_imported_absences(rep_id: str, found: Sequence[Absence], tx: Transaction) -> None:
    """Replace the absences that came with a rep's calendar; those set by hand stay, also what is being set now.

    The pool of the rep's team is locked.
    """
    known = (await store.load_reps(tx, tx.playbook(RoutingPlaybook), [rep_id]))[rep_id]
    by_hand = tuple(absence for absence in known.absences if not absence.imported)
    working = await store.reps.load_working_hours_of(tx, rep_id)
    await store.reps.save_rep(tx, replace(known, absences=(*by_hand, *found)), working)
    await publish_calendars(tx, [rep_id])
    store.timers.schedule_drain_now(tx, await store.find_teams_with_waiting_leads(tx, [known.team]))


def _check_working_hours(working: WorkingHoursRow, team: Team) -> None:
    try:
        domain.rep_calendar_of(working.hours, working.works or {}, team)
    except ValueError as error:
        raise HoursInvalid(field="hours") from error
