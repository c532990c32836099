"""The answer to "why is this contact a lead, or not (yet)?", for any instant."""

from dataclasses import dataclass, replace
from datetime import datetime

from events.leads import Grade, LeadType, Outcome, OutcomeReason
from scoring.domain import because
from scoring.domain.crossings import find_hard_rule, rank_lead_type
from scoring.domain.cycles import Episode, split_into_episodes
from scoring.domain.explaining import explain_outcome, explain_pending_request
from scoring.domain.fit import Fit, find_grade_raising_facts, grade_fit
from scoring.domain.history import History
from scoring.domain.knowledge import KnownFact, choose_best_facts_with_sources
from scoring.domain.readiness import Readiness
from scoring.domain.stage import find_buying_stage
from scoring.playbook import ScoringPlaybook, Thresholds
from scoring.playbook.thresholds import LEADS


@dataclass(frozen=True, slots=True)
class MissingFact:
    """An unknown fact that alone would change the outcome, if it turned out as well as it can."""

    fact: str
    would_become: Grade
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Score:
    """Both axes with their evidence, and what follows from them."""

    fit: Fit
    readiness: Readiness
    outcome: Outcome
    lead_type: LeadType | None
    because: list[OutcomeReason]
    missing: list[MissingFact]
    known: dict[str, KnownFact]
    """The facts that count, with the source and the date of each."""
    buying_stage: str | None
    probability: float | None
    """How likely it is confirmed or won, were it published now; None where the playbook has no model."""

    def with_enrichment_wait(self, until: datetime) -> "Score":
        """Return the score of somebody whose lead waits for an answer: that is why it is not published."""
        others = [each for each in self.because if each.kind != "not_evaluated"]
        if len(others) == len(self.because):
            return self
        return replace(self, because=[*others, because.because_waiting_for_enrichment(until)])


def compute_score(history: History, playbook: ScoringPlaybook, at: datetime) -> Score:
    """Score a person as of an instant: by what had happened by then, as it is known today."""
    then = history.as_of(at)
    episode = split_into_episodes(then, playbook, at)[-1]
    ordered, facts = then.engagements_in_order(), episode.known | episode.facts
    thresholds = playbook.thresholds_for(facts)
    fit, readiness = grade_fit(facts, playbook), episode.tally.readiness_at(at, thresholds)
    account = then.account_kind(facts, at, episode.contact_id, episode.cycle)
    rule = find_hard_rule(facts, account, playbook, raised=episode.strongest is not None)
    outcome = rule.outcome if rule else _outcome_by_grade(episode, fit.grade, readiness, thresholds)
    missing = []
    for fact, grade in find_grade_raising_facts(fit, facts, playbook) if rule is None else ():
        found = _outcome_by_grade(episode, grade, readiness, thresholds, supposed=True)
        if found != outcome:
            missing.append(MissingFact(fact, grade, found))
    return Score(
        fit=fit,
        readiness=readiness,
        outcome=outcome,
        lead_type=_lead_type_by_outcome(outcome, episode),
        because=explain_outcome(then, episode, rule, fit, readiness, thresholds, playbook)
        + explain_pending_request(history, at),
        missing=missing,
        known=choose_best_facts_with_sources(ordered, playbook),
        buying_stage=find_buying_stage(ordered, playbook, at),
        probability=_conversion_probability(playbook, fit, readiness, episode),
    )


def _conversion_probability(
    playbook: ScoringPlaybook, fit: Fit, readiness: Readiness, episode: Episode
) -> float | None:
    model = playbook.probability
    return (
        None
        if model is None
        else model.probability_of(fit.points, readiness.points, asked=episode.strongest is not None)
    )


def _outcome_by_grade(
    episode: Episode, grade: Grade, readiness: Readiness, thresholds: Thresholds, *, supposed: bool = False
) -> Outcome:
    """Return the outcome of a grade, no hard rule being in the way; of a supposed one, what would soon follow."""
    asked = episode.strongest
    if asked is not None:
        if not rank_lead_type(asked.lead_type):
            return asked.outcome
        return "poor_fit" if grade == "D" else "hand_raiser"
    cell = thresholds.matrix[grade][readiness.level]
    if cell == "poor_fit":
        return "poor_fit"
    if episode.opened_at is None:
        return "mql" if supposed and episode.obstacle is None and cell in LEADS else "nurture"
    return "mql" if readiness.points >= thresholds.cooling_line(grade) else "nurture"


def _lead_type_by_outcome(outcome: Outcome, episode: Episode) -> LeadType | None:
    if outcome == "customer":
        return "customer"
    if episode.strongest is not None and outcome != "excluded":
        return episode.strongest.lead_type
    if outcome != "mql":
        return None
    if episode.opening is not None:
        return episode.opening.lead_type
    return None if episode.published is None else episode.published.lead_type
