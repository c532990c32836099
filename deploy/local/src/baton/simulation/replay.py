"""Deciding about a contact again, under any playbook, as if nothing had been told yet.

The same walk through the history that the service took at each arrival, by what was known then: a lead that cools
before the contact comes again was one all the same. What became of a cycle (won, returned) stays what it was.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from events.leads import LeadFacts, LeadQualified, LeadType
from scoring.domain import DecisionContext, Engagement, History, build_lead_event, decide_contact
from scoring.domain.crossings import Crossing, find_hand_raise_type, rank_lead_type
from scoring.domain.cycles import Episode, may_make_lead, split_into_episodes
from scoring.playbook import ScoringPlaybook

AT_ONCE = datetime.min.replace(tzinfo=UTC)
"""As an instant to decide at: a crossing is published when it happens, and does not cool before that."""


@dataclass(frozen=True, slots=True)
class SimulatedLead:
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


def simulate_leads(history: History, playbook: ScoringPlaybook) -> list[SimulatedLead]:
    """Find the leads that this playbook makes of a history."""
    if not history.engagements or not (history.lifecycle or may_make_lead(history, playbook)):
        return []
    history = _with_ends_after_the_beginning(history)
    if _arrived_at_once(history):
        return _leads_of_single_arrival(history, playbook)
    return _leads_as_it_came(history, playbook)


def _with_ends_after_the_beginning(history: History) -> History:
    """Return a history in which no lead ended before its contact did anything.

    Where a CRM dates an end so early, the service had published the lead before it learned of it, and the end was its.
    """
    first = min(engagement.occurred_at for engagement in history.engagements.values())
    early = [fact for fact in history.lifecycle.values() if fact.cycle is not None and fact.at < first]
    if not early:
        return history
    return replace(history, lifecycle=history.lifecycle | {fact.turn_id: replace(fact, at=first) for fact in early})


def _arrived_at_once(history: History) -> bool:
    """Return whether all arrived at one instant: then nothing was known before, and nothing cooled in between."""
    return len({engagement.received_at for engagement in history.engagements.values()}) <= 1


def _leads_of_single_arrival(history: History, playbook: ScoringPlaybook) -> list[SimulatedLead]:
    return [
        _build_simulated_lead(
            history, episode, episode.opening, DecisionContext(history.engagements_in_order(), playbook, AT_ONCE, "")
        )
        for episode in split_into_episodes(history, playbook, AT_ONCE)
        if episode.opening is not None
    ]


def _leads_as_it_came(history: History, playbook: ScoringPlaybook) -> list[SimulatedLead]:
    """Decide at each arrival by what was known then, as the service did; a lead that was made stays one."""
    past = replace(history, engagements={}, leads={}, merged={})
    made: dict[int, SimulatedLead] = {}
    came = sorted(history.engagements.values(), key=lambda each: (each.received_at, *each.sort_key))
    for engagement in came:
        past.add_engagement(engagement)
        if engagement is not came[-1] and _last_lead_never_ends(past) and not _can_upgrade_lead(engagement, playbook):
            continue
        if not (past.leads or may_make_lead(past, playbook)):
            continue
        episodes = split_into_episodes(past, playbook, engagement.received_at)
        if any(episode.published is None and episode.opening is not None for episode in episodes):
            verdict = decide_contact(past, playbook, now=engagement.received_at, version="")
            past.leads |= {lead.cycle: lead for lead in verdict.leads}
            episodes = split_into_episodes(past, playbook, engagement.received_at)
        for episode in episodes:
            if episode.published is not None and episode.opening is not None:
                context = DecisionContext(past.engagements_in_order(), playbook, engagement.received_at, "")
                made[episode.cycle] = _build_simulated_lead(
                    past, episode, episode.opening, context, made.get(episode.cycle)
                )
    return [made[cycle] for cycle in sorted(made)]


def _last_lead_never_ends(past: History) -> bool:
    """Return whether the last lead never ends: then what comes next belongs to it."""
    return bool(past.leads) and past.first_end_of_cycle(past.contact_id, max(past.leads)) is None


def _can_upgrade_lead(engagement: Engagement, playbook: ScoringPlaybook) -> bool:
    """Return whether an engagement can make a stronger lead of an open one; others are looked at once at the end."""
    return engagement.source == "override" or find_hand_raise_type(engagement, playbook) is not None


def _build_simulated_lead(
    past: History, episode: Episode, opening: Crossing, context: DecisionContext, before: SimulatedLead | None = None
) -> SimulatedLead:
    """Return the lead of an episode by what is known now; what was published of it `before` stays, or grows."""
    strongest = episode.strongest or opening
    best = strongest if rank_lead_type(strongest.lead_type) > rank_lead_type(opening.lead_type) else opening
    if before is None or _is_upgrade(episode, before, best.lead_type, context.now):
        raised: LeadFacts = build_lead_event(LeadQualified, episode.contact_id, episode.cycle, best, context)
    else:
        raised = before.raised
    return SimulatedLead(
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


def _is_upgrade(episode: Episode, before: SimulatedLead, lead_type: LeadType, now: datetime) -> bool:
    """Return whether the service published that a lead grew stronger: it was open still, and was of a weaker type."""
    is_open = episode.end is None or now < episode.end.at
    return is_open and rank_lead_type(lead_type) > rank_lead_type(before.raised.lead_type)


@dataclass(frozen=True, slots=True)
class ContactOutcome:
    """What became of a contact, as far as it is known."""

    won: bool
    confirmed: bool
    known: bool
    too_early: bool
    """Returned because it was not ready."""


def find_contact_outcome(history: History) -> ContactOutcome:
    """Return what became of a contact."""
    kinds = {turn.kind for turn in history.lifecycle.values()}
    won = "won" in kinds
    return ContactOutcome(
        won=won,
        confirmed=won or bool(kinds & {"confirmed", "opportunity"}),
        known=bool(kinds & {"won", "lost", "recycled", "disqualified"}),
        too_early=any(turn.reason == "not_ready" for turn in history.lifecycle.values()) and not won,
    )
