"""Deciding about a contact again, under any playbook, as if nothing had been told yet.

The same walk through the history that the service took at each arrival, by what was known then: a lead that cools
before the contact comes again was one all the same. What became of a cycle (won, returned) stays what it was.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from events.leads import LeadFacts, LeadQualified, LeadType
from scoring.domain import DecisionContext, Engagement, History, decide, lead_event
from scoring.domain.crossings import Crossing, raised_hand, strength
from scoring.domain.cycles import Episode, episodes_of, may_open
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
    raised: LeadFacts
    """What scoring publishes of it, as it was known then; of a lead that grew stronger, what it publishes of that."""
    account_kind: str | None
    """What the register of accounts says of the company at their e-mail's domain."""

    @property
    def is_mql(self) -> bool:
        """Whether the playbook, and no raised hand, made it a lead."""
        return self.outcome == "mql"


def leads_of(history: History, playbook: ScoringPlaybook) -> list[Made]:
    """Find the leads that this playbook makes of a history."""
    if not (history.lifecycle or may_open(history, playbook)):
        return []
    if _arrived_at_once(history):
        return _leads_of_single_arrival(history, playbook)
    return _leads_as_it_came(history, playbook)


def _arrived_at_once(history: History) -> bool:
    """Return whether all arrived at one instant: then nothing was known before, and nothing cooled in between."""
    return len({engagement.received_at for engagement in history.engagements.values()}) <= 1


def _leads_of_single_arrival(history: History, playbook: ScoringPlaybook) -> list[Made]:
    return [
        _made(history, episode, episode.opening, DecisionContext(history.ordered(), playbook, AT_ONCE, ""))
        for episode in episodes_of(history, playbook, AT_ONCE)
        if episode.opening is not None
    ]


def _leads_as_it_came(history: History, playbook: ScoringPlaybook) -> list[Made]:
    """Decide at each arrival by what was known then, as the service did; a lead that was made stays one."""
    past = replace(history, engagements={}, leads={}, merged={})
    made: dict[int, Made] = {}
    came = sorted(history.engagements.values(), key=lambda each: (each.received_at, *each.place))
    for engagement in came:
        past.add_engagement(engagement)
        if engagement is not came[-1] and _stays_open(past) and not _may_grow(engagement, playbook):
            continue
        if not (past.leads or may_open(past, playbook)):
            continue
        episodes = episodes_of(past, playbook, engagement.received_at)
        if any(episode.published is None and episode.opening is not None for episode in episodes):
            verdict = decide(past, playbook, now=engagement.received_at, version="")
            past.leads |= {lead.cycle: lead for lead in verdict.leads}
            episodes = episodes_of(past, playbook, engagement.received_at)
        for episode in episodes:
            if episode.published is not None and episode.opening is not None:
                context = DecisionContext(past.ordered(), playbook, engagement.received_at, "")
                made[episode.cycle] = _made(past, episode, episode.opening, context, made.get(episode.cycle))
    return [made[cycle] for cycle in sorted(made)]


def _stays_open(past: History) -> bool:
    """Return whether the last lead never ends: then what comes next belongs to it."""
    return bool(past.leads) and past.end_of(past.contact_id, max(past.leads)) is None


def _may_grow(engagement: Engagement, playbook: ScoringPlaybook) -> bool:
    """Return whether an engagement can make a stronger lead of an open one; others are looked at once at the end."""
    return engagement.source == "override" or raised_hand(engagement, playbook) is not None


def _made(
    past: History, episode: Episode, opening: Crossing, context: DecisionContext, before: Made | None = None
) -> Made:
    """Return the lead of an episode by what is known now; what was published of it `before` stays, or grows."""
    strongest = episode.strongest or opening
    best = strongest if strength(strongest.lead_type) > strength(opening.lead_type) else opening
    if before is None or _is_upgrade(episode, before, best.lead_type, context.now):
        raised: LeadFacts = lead_event(LeadQualified, episode.contact_id, episode.cycle, best, context)
    else:
        raised = before.raised
    return Made(
        contact_id=past.contact_id,
        cycle=episode.cycle,
        lead_type=strongest.lead_type,
        outcome=strongest.outcome,
        fit=strongest.fit.grade,
        readiness=opening.readiness.level,
        opened_at=opening.engagement.occurred_at,
        raised=raised,
        account_kind=past.accounts.get(str(raised.email_domain)),
    )


def _is_upgrade(episode: Episode, before: Made, lead_type: LeadType, now: datetime) -> bool:
    """Return whether the service published that a lead grew stronger: it was open still, and was of a weaker type."""
    is_open = episode.end is None or now < episode.end.at
    return is_open and strength(lead_type) > strength(before.raised.lead_type)


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
