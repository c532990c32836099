"""Past leads routed again under another playbook, roster or hours; nothing is published or stored.

Arrivals, ends and openings happen in their order in time, through the same decisions as in production. Leads end when
they really ended. Claims are those of colleagues at the same e-mail domain and of returning contacts; account owners
are left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any, TypedDict
from uuid import UUID

from events.leads import LeadFacts
from routing.domain.accounts import EMPTY
from routing.domain.context import RoutingContext
from routing.domain.leads import Lead
from routing.domain.placement import place_lead, serve_from_queue
from routing.domain.reps import Rep, Seat, next_available_at
from routing.domain.rotation import Rotation
from routing.playbook import RoutingPlaybook

ARRIVES, ENDS, LOOKS = 0, 1, 2
DueAt = Callable[[LeadFacts, str, datetime], datetime | None]
"""When the first touch of a lead is due: its facts, the team, and its hand-over."""


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead as it was: its facts, when it arrived, and when it ended (None: still open)."""

    facts: LeadFacts
    arrived_at: datetime
    ended_at: datetime | None = None


@dataclass(slots=True)
class RehearsalRun:
    """The state of a run and its results."""

    context: RoutingContext
    due_at: DueAt
    agenda: list[tuple[datetime, int, int, Any]] = field(default_factory=list)
    leads: dict[UUID, Lead] = field(default_factory=dict)
    waited: dict[UUID, timedelta] = field(default_factory=dict)
    missed: set[UUID] = field(default_factory=set)
    until: datetime | None = None

    def schedule(self, at: datetime, kind: int, what: Any) -> None:
        """Add something to the agenda."""
        heappush(self.agenda, (at, kind, len(self.agenda) + len(self.leads), what))


class RepFigures(TypedDict):
    """The load of a rep; `off_share`: how many leads they are off their share of the turns (null: no turns)."""

    rep_id: str
    team: str
    weight: float
    leads: int
    off_share: float | None
    open_at_the_end: int


class QueueFigures(TypedDict):
    """How long leads waited in a queue; null where none was assigned from it."""

    queue: str
    leads: int
    waited: int
    median_seconds: float | None
    p90_seconds: float | None
    longest_seconds: float | None
    predicted_breaches: int


class RehearsalFigures(TypedDict):
    """What became of past leads that were routed again; `turned_away` came to no queue."""

    leads: int
    assigned: int
    still_waiting: int
    turned_away: int
    predicted_breaches: int
    reps: list[RepFigures]
    queues: list[QueueFigures]


def rehearse_routing(
    past: Iterable[PastLead], playbook: RoutingPlaybook, reps: Mapping[str, Rep], due_at: DueAt
) -> RehearsalFigures:
    """Route past leads again; return the figures of it. The arguments are those of `run_rehearsal`."""
    return _compute_figures(run_rehearsal(past, playbook, reps, due_at))


def run_rehearsal(
    past: Iterable[PastLead], playbook: RoutingPlaybook, reps: Mapping[str, Rep], due_at: DueAt
) -> RehearsalRun:
    """Route past leads again; return where each came to be.

    Args:
        past: The leads, in any order.
        playbook: The rules to try.
        reps: The reps to try, by id.
        due_at: When the first touch of a lead is due, to predict breaches.
    """
    ordered = sorted(past, key=lambda past_lead: (past_lead.arrived_at, past_lead.facts.lead_id))
    teams: dict[str, list[Seat]] = {team: [] for team in playbook.teams}
    for rep in reps.values():
        teams[rep.team].append(Seat(rep))
    catch_up = playbook.fairness.catch_up
    pools = {team: Rotation.from_seats(seats, catch_up=catch_up) for team, seats in teams.items()}
    team_of = {rep.rep_id: rep.team for rep in reps.values()}
    shared = frozenset(each.facts.email_domain for each in ordered if each.facts.email_domain)
    context = RoutingContext(playbook, "rehearsal", pools, {}, replace(EMPTY, shared=shared), {}, team_of, {})
    run = RehearsalRun(context, due_at)
    for past_lead in ordered:
        run.schedule(past_lead.arrived_at, ARRIVES, past_lead)
        if past_lead.ended_at is not None:
            run.schedule(past_lead.ended_at, ENDS, past_lead.facts.lead_id)
    run.until = max((at for at, *_ in run.agenda), default=None)
    while run.agenda:
        at, kind, _, what = heappop(run.agenda)
        _process_event(run, at, kind, what)
    return run


def _process_event(run: RehearsalRun, now: datetime, kind: int, what: Any) -> None:
    freed = _end_lead(run, what) if kind == ENDS else None
    pools = {
        team: Rotation.from_seats(
            (_seat_at(seat, freed, now) for seat in pool.seats.values()), pool.level, pool.catch_up
        ).with_rebased_level()
        for team, pool in run.context.pools.items()
    }
    run.context = run.context._replace(pools=pools)
    if kind == ARRIVES:
        fresh = Lead(what.facts.lead_id, what.facts.contact_id, what.facts.cycle)
        decision = place_lead(fresh, what.facts, run.context, now)
        run.leads[fresh.lead_id], run.context = decision.lead, decision.context
        _record_wait(run, decision.lead, now)
    for team in [team for team, line in run.context.waiting.items() if any(line.values())]:
        _serve_queues_of_team(run, team, now)


def _end_lead(run: RehearsalRun, lead_id: UUID) -> str | None:
    """End a lead; return the rep whose capacity it frees."""
    lead = run.leads[lead_id]
    run.context = run.context.without_queued_lead(lead)
    run.leads[lead_id] = lead._replace(state="released")
    return lead.rep_id if lead.state == "assigned" else None


def _seat_at(seat: Seat, freed: str | None, now: datetime) -> Seat:
    return (replace(seat, open=seat.open - 1) if seat.rep.rep_id == freed else seat).at_instant(now)


def _serve_queues_of_team(run: RehearsalRun, team: str, now: datetime) -> None:
    """Serve a team's queues in order, and plan the next look for when a rep becomes able."""
    queues = run.context.playbook.queues
    line = sorted(
        (lead for lead in run.leads.values() if lead.state == "queued" and lead.team == team),
        key=lambda lead: (queues[lead.queue or ""].priority, lead.fit or "", lead.handed_over_at or now, lead.lead_id),
    )
    for lead in line:
        decision = serve_from_queue(lead, run.context, now)
        if decision.event is None:
            break
        run.leads[lead.lead_id], run.context = decision.lead, decision.context
        _record_wait(run, decision.lead, now)
    else:
        return
    available = next_available_at((seat.at_instant(now) for seat in run.context.pools[team].seats.values()), now)
    if available is not None and available > now and run.until is not None and available <= run.until:
        run.schedule(available, LOOKS, team)


def _record_wait(run: RehearsalRun, lead: Lead, now: datetime) -> None:
    handed_over = lead.handed_over_at or now
    if lead.state == "assigned":
        run.waited[lead.lead_id] = now - handed_over
        due = run.due_at(lead.known_facts, lead.team or "", handed_over)
        if due is not None and now > due:
            run.missed.add(lead.lead_id)


def _compute_figures(run: RehearsalRun) -> RehearsalFigures:
    placed = [lead for lead in run.leads.values() if lead.lead_id in run.waited]
    left = [lead for lead in run.leads.values() if lead.state == "queued"]
    for lead in left:
        due = run.due_at(lead.known_facts, lead.team or "", lead.handed_over_at or lead.known_facts.captured_at)
        if due is not None and run.until is not None and run.until > due:
            run.missed.add(lead.lead_id)
    queues = sorted({lead.queue for lead in run.leads.values() if lead.queue})
    return {
        "leads": len(run.leads),
        "assigned": len(placed),
        "still_waiting": len(left),
        "turned_away": sum(lead.queue is None for lead in run.leads.values()),
        "predicted_breaches": len(run.missed),
        "reps": [
            {
                "rep_id": seat.rep.rep_id,
                "team": team,
                "weight": seat.rep.weight,
                "leads": sum(lead.rep_id == seat.rep.rep_id for lead in placed),
                "off_share": _leads_off_share(seat, pool.level),
                "open_at_the_end": seat.open,
            }
            for team, pool in run.context.pools.items()
            for seat in pool.seats.values()
        ],
        "queues": [
            _compute_queue_figures(name, [lead for lead in placed if lead.queue == name], left, run) for name in queues
        ],
    }


def _leads_off_share(seat: Seat, level: float) -> float | None:
    """Return how many leads a rep is off their share of the turns they took part in; None: no turns."""
    there = level if seat.taking_part else seat.rested_at
    return None if there is None else round((seat.position - there) * seat.rep.weight, 3)


def _compute_queue_figures(queue: str, placed: Sequence[Lead], left: Sequence[Lead], run: RehearsalRun) -> QueueFigures:
    waits = sorted(run.waited[lead.lead_id].total_seconds() for lead in placed)
    waiting = [lead for lead in left if lead.queue == queue]
    return {
        "queue": queue,
        "leads": len(placed) + len(waiting),
        "waited": sum(wait > 0 for wait in waits),
        "median_seconds": waits[len(waits) // 2] if waits else None,
        "p90_seconds": waits[len(waits) * 9 // 10] if waits else None,
        "longest_seconds": waits[-1] if waits else None,
        "predicted_breaches": sum(lead.lead_id in run.missed for lead in (*placed, *waiting)),
    }
