"""What people ask of routing: give a lead to somebody, pass one on, say who works here and when."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from events.runtime import Transaction
from routing import domain, store
from routing.domain import Lead, Rep
from routing.handlers.desk import Desk
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
from routing.playbook import Absence, Capacity, RoutingPlaybook, Team

LAID_OUT = timedelta(days=366)
"""So far ahead recurring absences are laid out; a file is sent again within a year."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a lead is after a command. `changed` is False where it stays with the rep who had it."""

    lead: Lead
    previous_rep_id: str | None
    changed: bool


async def reassign(lead_id: UUID, rep_id: str, reason: str, by: str, tx: Transaction) -> Answer:
    """Give a lead to the rep whom somebody names, if that rep can take it; once, however often it is asked."""
    lead = await _locked(lead_id, tx)
    playbook = tx.playbook(RoutingPlaybook)
    rep = (await store.everybody(tx, playbook)).get(rep_id)
    if rep is None:
        raise RepUnknown(field="rep_id")
    if lead.ended:
        raise LeadEnded(state=lead.state)
    if lead.rep_id == rep_id:
        return Answer(lead, None, changed=False)
    floor = await store.open_floor(tx, playbook, [lead.known_facts], [lead.team, rep.team])
    why_not = domain.why_unable(rep_id, floor)
    if why_not is not None:
        raise RepUnavailable(field="rep_id", why=why_not)
    desk = Desk({lead_id: lead}, floor)
    desk.take(domain.hand_to(lead, rep_id, floor, tx.now, by=by, note=reason), tx)
    await desk.save(tx)
    return Answer(desk.leads[lead_id], lead.rep_id, changed=True)


async def pass_on(lead_id: UUID, by: str, reason: str, tx: Transaction) -> Answer:
    """Let a rep pass a lead on to the next in turn; where nobody else can take it, it stays, and that is kept."""
    lead = await _locked(lead_id, tx)
    if lead.ended:
        raise LeadEnded(state=lead.state)
    if lead.state != "assigned" or lead.rep_id != by:
        raise NotTheirLead(field="by")
    floor = await store.open_floor(tx, tx.playbook(RoutingPlaybook), [lead.known_facts], [lead.team])
    desk = Desk({lead_id: lead}, floor)
    changed = desk.take(domain.pass_on(lead, floor, tx.now, reason="passed_on", by=by, note=reason), tx)
    await desk.save(tx)
    return Answer(desk.leads[lead_id], lead.rep_id if changed else None, changed)


async def _locked(lead_id: UUID, tx: Transaction) -> Lead:
    contact_id = await store.leads.contact_of(tx, lead_id)
    if contact_id is None:
        raise LeadUnknown
    await tx.lock([contact_id])
    found = await store.leads.load(tx, [lead_id])
    if lead_id not in found:
        raise LeadUnknown
    return found[lead_id]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is said of a rep; what is left out (not in `said`) stays as it is."""

    rep_id: str
    said: dict[str, Any] = field(default_factory=dict)


async def put_rep(wish: Wish, tx: Transaction) -> None:
    """Add a rep or change one. Whoever waits for the rep's team is served at once if the rep now can.

    Holds every pool, so that no batch decides on half of the change; this is rare and short.
    """
    playbook = tx.playbook(RoutingPlaybook)
    await store.hold(tx, sorted(playbook.teams))
    known, said = (await store.everybody(tx, playbook)).get(wish.rep_id), wish.said
    team = said.get("team", known.team if known else None)
    if team is None:
        raise TeamMissing(field="team")
    if team not in playbook.teams:
        raise TeamUnknown(field="team")
    moved = known is None or known.team != team
    before = Rep(wish.rep_id, team, playbook.teams[team].role) if known is None else known
    hours, works = (await store.reps.wishes(tx)).get(wish.rep_id, ([], {}))
    hours, works = said.get("hours", hours), {**works, **said.get("works", {})}
    if "hours" in said or "works" in said:
        _calendar(hours, works, playbook.teams[team])
    capacity: Capacity = said.get("capacity", before.capacity)
    absences: tuple[Absence, ...] = said.get("absences", before.absences)
    status = said.get("status", before.status)
    await store.reps.put_rep(
        tx,
        {
            "rep_id": wish.rep_id,
            "put_at": tx.now,
            "team": team,
            "role": said.get("role", playbook.teams[team].role if moved else before.role),
            "weight": said.get("weight", before.weight),
            "capacity": capacity.model_dump(mode="json"),
            "hours": hours,
            "works": works,
            "absences": [absence.model_dump(mode="json", by_alias=True, exclude_defaults=True) for absence in absences],
            "status": status,
        },
    )
    store.timers.look_now(tx, await store.longing(tx, [team]))
    if status == "left":
        store.timers.redistribute_now(tx, wish.rep_id)


async def put_absences(rep_id: str, text: bytes, tx: Transaction) -> int:
    """Take a rep's absences from a calendar file, instead of those that an earlier one brought; give their number."""
    known = (await store.everybody(tx, tx.playbook(RoutingPlaybook))).get(rep_id)
    if known is None:
        raise RepNotFound
    try:
        found = domain.absences_of(text, known.zone, tx.now, tx.now + LAID_OUT)
    except domain.CalendarUnreadable as error:
        raise CalendarInvalid(field="body") from error
    by_hand = tuple(absence for absence in known.absences if not absence.imported)
    await put_rep(Wish(rep_id, {"absences": (*by_hand, *found)}), tx)
    return len(found)


def _calendar(hours: list[Any], works: dict[str, Any], team: Team) -> None:
    try:
        domain.calendar_of(hours, works, team)
    except ValueError as error:
        raise HoursInvalid(field="hours") from error
