"""Queries: teams, queues, reps with their load, escalations and decisions, as JSON values."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from events.leads import LeadFacts, LeadQualified
from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.rows import Row
from routing import store
from routing.domain import (
    PROBLEMS,
    Lead,
    Meeting,
    RotationSnapshot,
    Seat,
    Slot,
    TrialResult,
    choose_queue_by_rules,
    find_free_slots,
    inputs_from_json,
    list_seats_as_candidates,
    replay_choice,
    try_placement,
)
from routing.domain.accounts import Claim
from routing.domain.replay import ReplayCandidate
from routing.domain.working_hours import WorkingBlock
from routing.playbook import Capacity, RoutingPlaybook
from routing.store.calendar_sources import ListedSource
from routing.store.reps import WorkingHoursRow
from routing.store.views import DecisionLine, EscalationLine, ReplayableDecisionLine

A_MONTH = timedelta(days=31)


class TeamLine(Row):
    """A team with its queues and reps; `full` is whether nobody can take a lead now."""

    team: str
    role: str
    zone: str
    queues: list[str]
    reps: int
    able: int
    full: bool
    open: int
    waiting: int


class QueueLoadLine(Row):
    """How many leads wait in a queue and since when, and how many reps could take them."""

    queue: str
    team: str
    priority: int
    waiting: int
    oldest_at: datetime | None
    oldest_seconds: int | None
    able: int
    full: int
    away: int


class CalendarSourceLine(Row):
    """A calendar that is read at an address: where, when last, and what is wrong."""

    host: str
    named_at: datetime
    read_at: datetime | None
    next_at: datetime
    failing_since: datetime | None
    problem: str | None
    says: str | None


class RepLine(Row):
    """What is agreed with a rep, their load, and why they cannot take a lead now where they cannot."""

    rep_id: str
    team: str
    role: str
    weight: float
    capacity: Capacity
    hours: list[WorkingBlock]
    works: JsonObject
    zone: str
    absences: list[JsonObject]
    status: str
    open: int
    today: int
    this_week: int
    able: bool
    why_not: str | None
    able_at: datetime | None
    calendar: CalendarSourceLine | None


class EscalationWithManager(EscalationLine):
    """What was escalated, with the manager it is for."""

    manager: str | None


class ReplayedDecision(DecisionLine):
    """A decision that chose a rep, with every candidate and claim, and the rep whom a replay chooses."""

    candidates: list[ReplayCandidate]
    claims: tuple[Claim, ...]
    replays_to: str | None


async def list_teams(tx: Transaction) -> list[TeamLine]:
    """Return each team with its queues and reps, and whether anybody can take a lead now."""
    playbook = tx.playbook(RoutingPlaybook)
    known = await load_seats(tx, playbook)
    waiting = await store.views.count_queue_lengths(tx)
    shown = []
    for name, team in playbook.teams.items():
        members = [seat for seat in known.values() if seat.rep.team == name]
        able = sum(seat.why_not is None for seat in members)
        shown.append(
            TeamLine(
                team=name,
                role=team.role,
                zone=team.zone,
                queues=[queue for queue, line in playbook.queues.items() if line.team == name],
                reps=len(members),
                able=able,
                full=able == 0,
                open=sum(seat.open for seat in members),
                waiting=sum(line.waiting for line in waiting if line.team == name),
            )
        )
    return shown


async def try_lead(tx: Transaction, facts: LeadFacts) -> TrialResult:
    """Return what would become of a lead with these facts; nothing is saved."""
    lead = (await store.leads.load_or_begin_leads(tx, [facts])).get(facts.lead_id)
    new = lead or Lead(facts.lead_id, facts.contact_id, facts.cycle)
    return try_placement(new, facts, await store.load_context(tx, tx.playbook(RoutingPlaybook), [facts]), tx.now)


async def list_free_slots(tx: Transaction, queue: str, since: datetime, until: datetime, limit: int) -> list[Slot]:
    """Return the free slots of a queue's team, at most `limit`, each with the reps who are free."""
    playbook = tx.playbook(RoutingPlaybook)
    team = playbook.queues[queue].team
    members = [seat for seat in (await load_seats(tx, playbook)).values() if seat.rep.team == team]
    booked = await store.load_booked_times(tx, [seat.rep.rep_id for seat in members])
    found = find_free_slots(members, booked, playbook.booking, tx.now, (since, until))
    return list(islice(found, limit))


async def list_meetings(tx: Transaction, *, rep_id: str | None = None, lead_id: UUID | None = None) -> list[Meeting]:
    """Return the meetings of a rep, those of the last month included, or that of one lead."""
    return await store.views.list_meetings(tx, rep_id, lead_id, tx.now - A_MONTH)


async def list_queues(tx: Transaction) -> list[QueueLoadLine]:
    """Return each queue in its order of service: how many leads wait and since when, and who could take them."""
    playbook = tx.playbook(RoutingPlaybook)
    standings = Counter((seat.rep.team, seat.standing_at(tx.now)) for seat in (await load_seats(tx, playbook)).values())
    lines = {line.queue: line for line in await store.views.count_queue_lengths(tx)}
    ordered = sorted(playbook.queues.items(), key=lambda item: (item[1].team, item[1].priority, item[0]))
    return [
        QueueLoadLine(
            queue=name,
            team=queue.team,
            priority=queue.priority,
            waiting=lines[name].waiting if name in lines else 0,
            oldest_at=lines[name].oldest_at if name in lines else None,
            oldest_seconds=int((tx.now - lines[name].oldest_at).total_seconds()) if name in lines else None,
            able=standings[queue.team, "able"],
            full=standings[queue.team, "full"],
            away=standings[queue.team, "away"],
        )
        for name, queue in ordered
    ]


async def list_reps(tx: Transaction) -> list[RepLine]:
    """Return all reps, by id."""
    playbook = tx.playbook(RoutingPlaybook)
    hours_of = await store.reps.load_working_hours(tx)
    sources = await store.calendar_sources.list_sources(tx)
    return [
        _build_rep_overview(seat, hours_of.get(name, WorkingHoursRow(name)), sources.get(name), tx.now)
        for name, seat in (await load_seats(tx, playbook)).items()
    ]


async def load_rep(tx: Transaction, rep_id: str) -> RepLine | None:
    """Return one rep; None where there is none."""
    return next((shown for shown in await list_reps(tx) if shown.rep_id == rep_id), None)


async def load_team_of_rep(tx: Transaction, rep_id: str) -> str | None:
    """Return the team of a rep; None: no such rep."""
    found = (await store.load_all_reps(tx, tx.playbook(RoutingPlaybook))).get(rep_id)
    return found.team if found else None


async def load_seats(tx: Transaction, playbook: RoutingPlaybook) -> dict[str, Seat]:
    """Return each rep's seat as of now, by id; nothing is locked."""
    loads = await store.load_seat_rows(tx)
    people = await store.load_all_reps(tx, playbook)
    return {name: store.seat_from_row(person, loads.get(name)).at_instant(tx.now) for name, person in people.items()}


def _build_rep_overview(seat: Seat, working: WorkingHoursRow, source: ListedSource | None, now: datetime) -> RepLine:
    person = seat.rep
    return RepLine(
        rep_id=person.rep_id,
        team=person.team,
        role=person.role,
        weight=person.weight,
        capacity=person.capacity,
        hours=working.hours,
        works=working.works or {},
        zone=person.zone.key,
        absences=[absence.as_json() for absence in person.absences],
        status=person.status,
        open=seat.open,
        today=seat.today,
        this_week=seat.this_week,
        able=seat.why_not is None,
        why_not=seat.why_not,
        able_at=None if seat.why_not is None else seat.available_at(now),
        calendar=_source(source) if source else None,
    )


def _source(listed: ListedSource) -> CalendarSourceLine:
    return CalendarSourceLine(
        host=listed.host,
        named_at=listed.named_at,
        read_at=listed.read_at,
        next_at=listed.due_at,
        failing_since=listed.failing_since,
        problem=listed.problem,
        says=PROBLEMS.get(listed.problem) if listed.problem else None,
    )


async def list_escalations(
    tx: Transaction, team: str | None, after: tuple[datetime, UUID, int] | None, limit: int
) -> list[EscalationWithManager]:
    """Return what was escalated, each with the manager it is for."""
    teams = tx.playbook(RoutingPlaybook).teams
    found = await store.views.list_escalations(tx, team, after, limit)
    return [
        EscalationWithManager(**row.as_dict(), manager=teams[row.team].manager if row.team in teams else None)
        for row in found
    ]


async def list_decisions(tx: Transaction, lead_id: UUID, after: int, limit: int) -> list[DecisionLine]:
    """Return decisions; those that chose a rep also with every candidate, and the rep whom a replay chooses."""
    rows = await store.views.list_decisions(tx, lead_id, after, limit)
    snapshots = await store.snapshots.load_snapshots(tx, {row.snapshot_id for row in rows if row.snapshot_id})
    return [await _with_replay(tx, row, snapshots) for row in rows]


async def _with_replay(
    tx: Transaction, row: ReplayableDecisionLine, snapshots: Mapping[UUID, RotationSnapshot]
) -> DecisionLine:
    snapshot = snapshots.get(row.snapshot_id) if row.snapshot_id else None
    if snapshot is None or row.grounds is None or row.facts is None:
        return row.to_decision_line()
    found = inputs_from_json(row.grounds)
    playbook = await tx.playbook_of(row.playbook_version, RoutingPlaybook)
    lead_facts = LeadQualified.read(row.facts)
    choice = replay_choice(lead_facts, found, snapshot, playbook)
    asked = snapshot.rotations_after(found.turn).get(
        found.team or choose_queue_by_rules(lead_facts, playbook).queue.team
    )
    return ReplayedDecision(
        **row.to_decision_line().as_dict(),
        candidates=list_seats_as_candidates(asked) if asked else [],
        claims=found.claims,
        replays_to=choice.rep_id,
    )
