"""Does an engagement, with all before it, cross the line and make a lead, and which?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from events.leads import LeadType, Outcome, OutcomeReason
from events.parts import Scalar
from scoring.domain import because
from scoring.domain.fit import Fit, grade_fit
from scoring.domain.history import (
    FACTS_LEARNED,
    IS_LIFTED,
    LIFTED,
    PUSHED,
    WAKE_UP,
    WOKEN_BY,
    Engagement,
    History,
    Lead,
    LifecycleFact,
)
from scoring.domain.readiness import Readiness, ReadinessTally, find_engagement_worth, find_signals
from scoring.playbook import Cell, HardRule, ProbabilityModel, Ruling, ScoringPlaybook
from scoring.playbook.thresholds import LEADS

_STRENGTH: dict[LeadType, int] = {"customer": 3, "hand_raiser": 2, "fast_track": 1}


def rank_lead_type(lead_type: LeadType) -> int:
    """Rank lead types: a request ranks above a score, a pure request above a ticked box."""
    return _STRENGTH.get(lead_type, 0)


@dataclass(slots=True)
class Crossing:
    """An engagement that makes a lead, and what was known and counted at its instant."""

    engagement: Engagement
    position: int
    """Where the engagement stands in the ordered history."""
    lead_type: LeadType
    outcome: Outcome
    by_request: bool
    facts: dict[str, Scalar]
    fit: Fit
    readiness: Readiness
    rule: HardRule | None = None
    """The hard rule that decided."""
    restored: Lead | None = None

    def probability(self, model: ProbabilityModel | None) -> float | None:
        """Return what a model says of it; None where there is no model."""
        return (
            None
            if model is None
            else model.probability_of(self.fit.points, self.readiness.points, asked=self.by_request)
        )


class EpisodeState(Protocol):
    """What is known so far of the window that an engagement stands in."""

    tally: ReadinessTally
    opening: Crossing | None
    strongest: Crossing | None
    refused: Crossing | None
    blocked: Engagement | None
    obstacle: OutcomeReason | None
    known: dict[str, Scalar]
    facts: dict[str, Scalar]


@dataclass(slots=True)
class CycleOpeningRules:
    """Whether a score may open a cycle here. A hand-raise always may."""

    history: History
    contact_id: UUID
    cycle: int
    end_before: LifecycleFact | None
    """What ended the cycle before."""
    lead_before: Lead | None
    playbook: ScoringPlaybook
    woken: bool = False

    def find_score_obstacle(self, at: datetime) -> OutcomeReason | None:
        """Return what forbids it: the number of cycles, the verdict on the last one, the cool-down; None: nothing."""
        rules, before = self.playbook.cycles, self.end_before
        if before is None or before.cycle is None:
            return None
        if self.history.is_cycle_disqualified(before.contact_id, before.cycle):
            return because.because_of_disqualification(before)
        if self.cycle > rules.most:
            return because.because_of_cycle_limit(rules.most)
        if self.woken or before.kind == "won" or before.reason in rules.no_cool_down_after:
            return None
        until = before.at + timedelta(days=rules.cool_down_days)
        return because.because_of_cool_down(before, until) if at < until else None

    def find_restored_lead(self, engagement: Engagement) -> Lead | None:
        """Return the lead that comes back by this wake-up: the merge that had ended it was undone."""
        if engagement.engagement == WAKE_UP and engagement.facts.get(WOKEN_BY) == "unmerged":
            return self.lead_before
        return None


def find_hand_raise_type(engagement: Engagement, playbook: ScoringPlaybook) -> LeadType | None:
    """Return whether an engagement asks to talk to sales, and how strongly."""
    if engagement.engagement in playbook.hand_raise.engagement_set or engagement.source in playbook.hand_raise.sources:
        return "hand_raiser"
    return "fast_track" if engagement.talk_to_sales else None


def find_hard_rule(
    facts: dict[str, Scalar], account: str | None, playbook: ScoringPlaybook, *, raised: bool
) -> HardRule | None:
    """Return the first hard rule that applies. A lifted exclusion leaves only the rules about customers."""
    for rule in playbook.hard_rules:
        value = account if rule.fact == "account" else facts.get(rule.fact)
        if value is None or (rule.outcome != "customer" and facts.get(IS_LIFTED)):
            continue
        if any(facts.get(name) is not None for name in rule.unless_known):
            continue
        if not (raised and rule.unless_hand_raised) and rule.applies_to(value, playbook.titles):
            return rule
    return None


def find_crossing(
    engagement: Engagement, position: int, window: EpisodeState, gate: CycleOpeningRules
) -> Crossing | None:
    """Return whether this engagement, with all before it, makes a lead, and which."""
    raised, restored = _hand_raise_in_force(engagement, window, gate.playbook), gate.find_restored_lead(engagement)
    by_hand = restored is not None or engagement.engagement == PUSHED
    if not _may_change_lead(engagement, raised, window, gate.playbook, by_hand=by_hand):
        return None
    facts = window.known | window.facts
    account = gate.history.account_kind(facts, engagement.occurred_at, gate.contact_id, gate.cycle)
    rule = find_hard_rule(facts, account, gate.playbook, raised=raised is not None)
    ruling = None if rule is None else rule.outcome
    thresholds = gate.playbook.thresholds_for(facts)
    fit = grade_fit(facts, gate.playbook)
    readiness = window.tally.readiness_at(engagement.occurred_at, thresholds)
    cell = thresholds.matrix[fit.grade][readiness.level]
    lead_type, outcome = _name_lead_type_and_outcome(ruling, restored, raised, fit, readiness, cell)
    by_request = raised is not None or by_hand or lead_type == "hand_raiser"
    opening = Crossing(engagement, position, lead_type, outcome, by_request, facts, fit, readiness, rule, restored)
    if ruling == "excluded":
        window.refused = opening if raised is not None else window.refused
        return None
    if raised is None and not by_hand and (ruling == "poor_fit" or not _is_lead_by_score(opening, cell, window, gate)):
        return None
    return opening


def _hand_raise_in_force(engagement: Engagement, window: EpisodeState, playbook: ScoringPlaybook) -> LeadType | None:
    """Return whether somebody asks to talk to sales here; a lifted exclusion lets an earlier request through."""
    if engagement.engagement == LIFTED and window.refused is not None:
        return window.refused.lead_type
    return find_hand_raise_type(engagement, playbook)


def _may_change_lead(
    engagement: Engagement, raised: LeadType | None, window: EpisodeState, playbook: ScoringPlaybook, *, by_hand: bool
) -> bool:
    """Return whether an engagement could make a lead or a stronger one, before anything expensive is computed."""
    if raised is not None:
        return window.strongest is None or rank_lead_type(raised) > rank_lead_type(window.strongest.lead_type)
    if window.opening is not None or not _is_worth_points(engagement, playbook):
        return False
    tally, line = window.tally, playbook.lowest_mql_line
    return by_hand or (tally.most >= line and tally.points_at(engagement.occurred_at) >= line)


def _is_worth_points(engagement: Engagement, playbook: ScoringPlaybook) -> bool:
    """Return whether an engagement may cross a line by points: what is worth none makes no lead of older ones."""
    if engagement.engagement == FACTS_LEARNED:
        return False
    if engagement.source == "override":
        return True
    row = find_engagement_worth(engagement, playbook.readiness)
    return (row is not None and row.points > 0) or bool(find_signals(engagement, playbook.readiness))


def _name_lead_type_and_outcome(  # noqa: PLR0917 - what decides, the strongest first
    ruling: Ruling | None, restored: Lead | None, raised: LeadType | None, fit: Fit, readiness: Readiness, cell: Cell
) -> tuple[LeadType, Outcome]:
    """Name the lead. A lead that comes back keeps its published type: what is known of it may change again."""
    lead_type = raised if restored is None else restored.published_type
    if ruling == "customer" or lead_type == "customer":
        return "customer", "customer"
    if lead_type is not None:
        asked: Outcome = "poor_fit" if fit.grade == "D" else "hand_raiser"
        return lead_type, asked if rank_lead_type(lead_type) else "mql"
    if cell == "hand_raiser":
        return "hand_raiser", "hand_raiser"
    return readiness.lead_type or "content", "mql"


def _is_lead_by_score(opening: Crossing, cell: Cell, window: EpisodeState, gate: CycleOpeningRules) -> bool:
    """Return whether the score alone makes it a lead here and now."""
    if cell not in LEADS:
        return False
    at = opening.engagement.occurred_at
    taken = gate.history.find_colleagues_lead(opening.facts, at) if opening.lead_type == "product" else None
    obstacle = gate.find_score_obstacle(at) if taken is None else because.because_of_colleagues_lead(taken)
    if obstacle is not None:
        window.blocked, window.obstacle = window.blocked or opening.engagement, obstacle
        return False
    return True
