"""The answer to "why is this contact a lead, or not (yet)?", for any instant."""

from dataclasses import dataclass
from datetime import datetime

from events.leads import LeadType, Outcome
from scoring.domain.crossings import rule_on, strength
from scoring.domain.cycles import Episode, walk
from scoring.domain.fit import Fit, Missing, grade_fit, missing_facts
from scoring.domain.history import History, learn
from scoring.domain.readiness import Readiness
from scoring.domain.stage import buying_stage
from scoring.playbook import ScoringPlaybook, Thresholds


@dataclass(frozen=True, slots=True)
class Score:
    """Both axes with their evidence, and what follows from them."""

    fit: Fit
    readiness: Readiness
    outcome: Outcome
    lead_type: LeadType | None
    missing: list[Missing]
    buying_stage: str | None


def score(history: History, playbook: ScoringPlaybook, at: datetime) -> Score:
    """Score a person as of an instant: by what had happened by then, as it is known today."""
    then = history.until(at)
    episode = walk(then, playbook, at)[-1]
    ordered = then.ordered()
    facts = learn(ordered)
    thresholds = playbook.thresholds(facts)
    fit, readiness = grade_fit(facts, playbook), episode.tally.read(at, thresholds)
    account = then.account(facts, at, episode.contact_id, episode.cycle)
    ruling = rule_on(facts, account, playbook, raised=episode.strongest is not None)
    outcome = ruling or _outcome(episode, fit, readiness, thresholds)
    missing = missing_facts(fit, facts, playbook)
    return Score(fit, readiness, outcome, _lead_type(outcome, episode), missing, buying_stage(ordered, playbook, at))


def _outcome(episode: Episode, fit: Fit, readiness: Readiness, thresholds: Thresholds) -> Outcome:
    asked = episode.strongest
    if asked is not None:
        if not strength(asked.lead_type):
            return asked.outcome
        return "poor_fit" if fit.grade == "D" else "hand_raiser"
    cell = thresholds.matrix[fit.grade][readiness.level]
    if cell == "poor_fit" or episode.opened_at is None:
        return "poor_fit" if cell == "poor_fit" else "nurture"
    return "mql" if readiness.points >= thresholds.warm(fit.grade) else "nurture"


def _lead_type(outcome: Outcome, episode: Episode) -> LeadType | None:
    if outcome == "customer":
        return "customer"
    if episode.strongest is not None and outcome != "excluded":
        return episode.strongest.lead_type
    if outcome != "mql":
        return None
    if episode.opening is not None:
        return episode.opening.lead_type
    return None if episode.published is None else episode.published.lead_type
