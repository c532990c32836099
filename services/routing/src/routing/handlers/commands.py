"""Commands: reassign a lead, pass one on, add or change a rep."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from events.runtime import Transaction
from events.runtime.security import Reach
from routing import domain, store
from routing.domain import Lead, Rep
from routing.handlers.errors import (
    CalendarInvalid,
    HoursInvalid,
    LeadEnded,
    LeadUnknown,
    NotTheirLead,
    RepNotFound,
    RepUnavailable,
    RepUnknown,
    TeamMissing,
    TeamUnknown,
)
from routing.handlers.pending_decisions import PendingDecisions
from routing.playbook import Absence, Capacity, RoutingPlaybook, Team

EXPAND_AHEAD = timedelta(days=366)
"""How far ahead recurring absences are computed; a file is sent again within a year."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Where a lead is after a command; `changed` is False where it stays with its rep."""

    lead: Lead
    previous_rep_id: str | None
    changed: bool


async def reassign(
    lead_id: UUID, rep_id: str, reason: str, by: str, tx: Transaction, *, reach: Reach | None = None
) -> CommandResult:
    """Assign a lead to a named rep; a repeated command changes nothing.

    Raises:
        LeadUnknown: No such lead.
        RepUnknown: No such rep.
        LeadEnded: Sales no longer has the lead.
        RepUnavailable: The rep can't take a lead now.
    """
    lead = await _locked(lead_id, tx, reach)
    playbook = tx.playbook(RoutingPlaybook)
    rep = (await store.all_reps(tx, playbook)).get(rep_id)
    if rep is None:
        raise RepUnknown(field="rep_id")
    if lead.ended:
        raise LeadEnded(state=lead.state)
    if lead.rep_id == rep_id:
        return CommandResult(lead, None, changed=False)
    context = await store.load_context(tx, playbook, [lead.known_facts], [lead.team, rep.team])
    why_not = domain.why_unable(rep_id, context)
    if why_not is not None:
        raise RepUnavailable(field="rep_id", why=why_not)
    pending = PendingDecisions({lead_id: lead}, context)
    pending.apply(domain.assign_to_named_rep(lead, rep_id, context, tx.now, by=by, note=reason), tx)
    await pending.save(tx)
    return CommandResult(pending.leads[lead_id], lead.rep_id, changed=True)


async def pass_on(lead_id: UUID, by: str, reason: str, tx: Transaction, *, reach: Reach | None = None) -> CommandResult:
    """Pass a rep's lead on to the next in turn; where nobody else can take it, it stays and `changed` is False.

    Raises:
        LeadUnknown: No such lead.
        LeadEnded: Sales no longer has the lead.
        NotTheirLead: `by` is not the rep who has it.
    """
    lead = await _locked(lead_id, tx, reach)
    if lead.ended:
        raise LeadEnded(state=lead.state)
    if lead.state != "assigned" or lead.rep_id != by:
        raise NotTheirLead(field="by")
    context = await store.load_context(tx, tx.playbook(RoutingPlaybook), [lead.known_facts], [lead.team])
    pending = PendingDecisions({lead_id: lead}, context)
    changed = pending.apply(domain.pass_on(lead, context, tx.now, reason="passed_on", by=by, note=reason), tx)
    await pending.save(tx)
    return CommandResult(pending.leads[lead_id], lead.rep_id if changed else None, changed)


async def _locked(lead_id: UUID, tx: Transaction, reach: Reach | None) -> Lead:
    contact_id = await store.leads.contact_of(tx, lead_id)
    if contact_id is None:
        raise LeadUnknown
    await tx.lock([contact_id])
    found = await store.leads.load(tx, [lead_id])
    if lead_id not in found:
        raise LeadUnknown
    if reach is not None:
        reach.check(found[lead_id].rep_id, found[lead_id].team)
    return found[lead_id]


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
    hours, works = (await store.reps.working_hours(tx)).get(patch.rep_id, ([], {}))
    hours, works = changes.get("hours", hours), {**works, **changes.get("works", {})}
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
        found = domain.absences_of(text, known.zone, tx.now, tx.now + EXPAND_AHEAD)
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
