"""Deciding about a contact again, under any playbook, as if nothing had been told yet.

The same walk through the history that the service takes. What became of a cycle (won, returned) stays what it was. A
lead that would have cooled before the contact came again counts once.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from events.envelope import Scalar
from scoring.domain import History, decide
from scoring.domain.cycles import may_open, walk
from scoring.domain.history import OF_ITS_TIME
from scoring.playbook import ScoringPlaybook

AT_ONCE = datetime.min.replace(tzinfo=UTC)
"""As an instant to decide at: a crossing is published when it happens, and does not cool before that."""


@dataclass(frozen=True, slots=True)
class Made:
    """A lead that a playbook makes of a history."""

    contact_id: UUID
    cycle: int
    lead_type: str
    outcome: str
    fit: str
    readiness: int
    opened_at: datetime
    facts: dict[str, Scalar]
    source: str

    @property
    def is_mql(self) -> bool:
        """Whether the playbook, and no raised hand, made it a lead."""
        return self.outcome == "mql"


def leads_of(history: History, playbook: ScoringPlaybook) -> list[Made]:
    """Find the leads that this playbook makes of a history."""
    if not (history.lifecycle or may_open(history, playbook)):
        return []
    if _learns_on_the_way(history):
        return _leads_as_it_came(history, playbook)
    return [
        _made(history.contact_id, episode)
        for episode in walk(history, playbook, AT_ONCE)
        if episode.opening is not None
    ]


def _learns_on_the_way(history: History) -> bool:
    """Whether later arrivals say more or other than the first: then what was known when matters."""
    known: dict[str, Scalar] | None = None
    for engagement in sorted(history.engagements.values(), key=lambda each: each.received_at):
        facts = {name: value for name, value in engagement.facts.items() if not name.startswith(OF_ITS_TIME)}
        if known is not None and any(name not in known or known[name] != value for name, value in facts.items()):
            return True
        known = facts if known is None else known
    return False


def _leads_as_it_came(history: History, playbook: ScoringPlaybook) -> list[Made]:
    """Decide at each arrival by what was known then, as the service did; a lead that was made stays one."""
    past = replace(history, engagements={}, leads={}, merged={})
    made: dict[int, Made] = {}
    for engagement in sorted(history.engagements.values(), key=lambda each: (each.received_at, *each.place)):
        past.add_engagement(engagement)
        if not (past.leads or may_open(past, playbook)):
            continue
        verdict = decide(past, playbook, now=engagement.received_at, version="")
        past.leads |= {lead.cycle: lead for lead in verdict.leads}
        for episode in walk(past, playbook, engagement.received_at):
            if episode.published is not None and episode.opening is not None:
                made[episode.cycle] = _made(history.contact_id, episode)
    return [made[cycle] for cycle in sorted(made)]


def _made(contact_id: UUID, episode: Any) -> Made:
    opening = episode.opening
    strongest = episode.strongest or opening
    return Made(
        contact_id=contact_id,
        cycle=episode.cycle,
        lead_type=strongest.lead_type,
        outcome=strongest.outcome,
        fit=strongest.fit.grade,
        readiness=opening.readiness.level,
        opened_at=opening.engagement.occurred_at,
        facts=opening.facts,
        source=opening.engagement.source,
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a contact, as far as it is known."""

    won: bool
    confirmed: bool
    known: bool
    too_early: bool
    """Returned because it was not ready."""


def ending_of(history: History) -> Ending:
    """Return what became of a contact."""
    kinds = {turn.kind for turn in history.lifecycle.values()}
    won = "won" in kinds
    return Ending(
        won=won,
        confirmed=won or bool(kinds & {"confirmed", "opportunity"}),
        known=bool(kinds & {"won", "lost", "recycled", "disqualified"}),
        too_early=any(turn.reason == "not_ready" for turn in history.lifecycle.values()) and not won,
    )
