"""Counting what two playbooks make of the same history: who changes side, how many a week, how well, whose work."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from baton.simulation.published_leads import PublishedLeads
from baton.simulation.replay import ContactOutcome, SimulatedLead, find_contact_outcome, simulate_leads
from routing.domain.rules import choose_queue_by_rules, with_account_kind
from routing.playbook import RoutingPlaybook
from scoring.domain import History
from scoring.playbook import ScoringPlaybook

SHOWN = 20
STRENGTH = {"hand_raiser": 2, "fast_track": 1}


@dataclass
class ComparedSide:
    """What one playbook makes of the history."""

    playbook: ScoringPlaybook
    leads: int = 0
    contacts: int = 0
    mqls: int = 0
    by_type: Counter[str] = field(default_factory=Counter)
    by_cell: Counter[str] = field(default_factory=Counter)
    by_week: Counter[str] = field(default_factory=Counter)
    by_queue: Counter[str] = field(default_factory=Counter)
    known: int = 0
    won: int = 0
    confirmed: int = 0
    too_early: int = 0

    def count_leads(self, made: Sequence[SimulatedLead], ending: ContactOutcome, teams: "QueueChooser") -> None:
        """Count a contact's leads."""
        if not made:
            return
        self.contacts += 1
        self.leads += len(made)
        self.known += ending.known
        self.won += ending.won
        self.confirmed += ending.confirmed
        self.too_early += ending.too_early
        for lead in made:
            self.mqls += lead.is_mql
            self.by_type[lead.lead_type] += 1
            self.by_cell[f"{lead.fit}{lead.readiness}"] += 1
            self.by_week[monday_of_week(lead.opened_at)] += 1
            self.by_queue[teams.choose_queue(lead)] += 1


@dataclass
class Comparison:
    """Both playbooks side by side, counted contact by contact."""

    in_force: ComparedSide
    candidate: ComparedSide
    teams: "QueueChooser"
    since: datetime | None = None
    published: PublishedLeads | None = None
    """What production made, where that is to be compared with what the rules in force make."""
    contacts: int = 0
    engagements: int = 0
    won: int = 0
    """Contacts that were won, whoever made them a lead."""
    moves: Counter[str] = field(default_factory=Counter)
    moved: list[dict[str, Any]] = field(default_factory=list)

    def compare_contact(self, history: History) -> None:
        """Decide about one contact under both playbooks, and count."""
        made = simulate_leads(history, self.in_force.playbook)
        if self.published is not None:
            self.published.compare_contact(made)
        now, then = (
            self._leads_since_start(made),
            self._leads_since_start(simulate_leads(history, self.candidate.playbook)),
        )
        ending = find_contact_outcome(history)
        self.contacts += 1
        self.engagements += len(history.engagements)
        self.won += ending.won and bool(now or then or self.since is None)
        self.in_force.count_leads(now, ending, self.teams)
        self.candidate.count_leads(then, ending, self.teams)
        move = _name_side_change(now, then)
        if move is not None:
            self.moves[move] += 1
            if sum(row["move"] == move for row in self.moved) < SHOWN:
                self.moved.append(_side_change_as_json(move, history, now, then, ending))

    def _leads_since_start(self, made: list[SimulatedLead]) -> list[SimulatedLead]:
        return made if self.since is None else [lead for lead in made if lead.opened_at >= self.since]


def _name_side_change(now: Sequence[SimulatedLead], then: Sequence[SimulatedLead]) -> str | None:
    """Name how a contact changes side; None where it does not."""
    if bool(now) != bool(then):
        return "no longer a lead" if now else "becomes a lead"
    if not now:
        return None
    strength = [max(STRENGTH.get(lead.lead_type, 0) for lead in made) for made in (now, then)]
    if strength[0] != strength[1]:
        return "becomes stronger" if strength[1] > strength[0] else "becomes weaker"
    if now[0].opened_at != then[0].opened_at:
        return "becomes a lead earlier" if then[0].opened_at < now[0].opened_at else "becomes a lead later"
    if [lead.fit for lead in now] != [lead.fit for lead in then]:
        return "another grade"
    return None


def _side_change_as_json(
    move: str, history: History, now: Sequence[SimulatedLead], then: Sequence[SimulatedLead], ending: ContactOutcome
) -> dict[str, Any]:
    def brief(made: Sequence[SimulatedLead]) -> str | None:
        return (
            ", ".join(f"{lead.lead_type} {lead.fit}{lead.readiness} {lead.opened_at:%Y-%m-%d}" for lead in made) or None
        )

    return {
        "move": move, "contact_id": str(history.contact_id), "in_force": brief(now), "candidate": brief(then),
        "became": "won" if ending.won else "returned" if ending.known else None,
    }  # fmt: skip


def monday_of_week(instant: datetime) -> str:
    """Name the week of an instant by its Monday."""
    return (instant.date() - timedelta(days=instant.weekday())).isoformat()


class QueueChooser:
    """Puts leads into the queues of a routing playbook."""

    def __init__(self, routing: RoutingPlaybook) -> None:
        self.routing = routing

    def choose_queue(self, lead: SimulatedLead) -> str:
        """Return which queue routing would put a lead into."""
        return choose_queue_by_rules(with_account_kind(lead.raised, lead.account_kind), self.routing).name


def comparison_as_json(found: Comparison) -> dict[str, Any]:
    """Return the comparison as plain values, ready for JSON."""
    sides = {"in_force": found.in_force, "candidate": found.candidate}
    weeks = sorted({*found.in_force.by_week, *found.candidate.by_week})
    queues = sorted({*found.in_force.by_queue, *found.candidate.by_queue})
    seats = Counter(rep.team for rep in found.teams.routing.reps.values())
    return {
        "contacts": found.contacts,
        "engagements": found.engagements,
        "won": found.won,
        **{name: _side_as_json(side, found) for name, side in sides.items()},
        "moves": dict(found.moves.most_common()),
        "weeks": [{"week": week, **{name: side.by_week[week] for name, side in sides.items()}} for week in weeks],
        "workload": [
            {
                "queue": queue,
                "team": found.teams.routing.queues[queue].team,
                "reps": seats[found.teams.routing.queues[queue].team],
                **{name: side.by_queue[queue] for name, side in sides.items()},
                **{
                    f"{name}_a_week": round(side.by_queue[queue] / max(1, len(weeks)), 1)
                    for name, side in sides.items()
                },
            }
            for queue in queues
        ],
        "moved": found.moved,
    }


def _side_as_json(side: ComparedSide, found: Comparison) -> dict[str, Any]:
    return {
        "leads": side.leads,
        "contacts": side.contacts,
        "mqls": side.mqls,
        "by_lead_type": dict(side.by_type.most_common()),
        "by_cell": dict(sorted(side.by_cell.items())),
        "known_outcomes": side.known,
        "won": side.won,
        "precision": _ratio_or_none(side.won, side.known),
        "recall": _ratio_or_none(side.won, found.won),
        "confirmed": _ratio_or_none(side.confirmed, side.known),
        "too_early": _ratio_or_none(side.too_early, side.known),
    }


def _ratio_or_none(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
