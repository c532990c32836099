"""The answer to "why is this contact a lead, or not (yet)?", for any instant."""

from dataclasses import dataclass
from datetime import datetime

from events.leads import LeadType, Outcome
from scoring.domain.cycles import Episode, rule_on, walk
from scoring.domain.fit import Fit, Missing, grade_fit, missing_facts
from scoring.domain.history import History, learn
from scoring.domain.readiness import Readiness
from scoring.playbook import ScoringPlaybook


@dataclass(frozen=True, slots=True)
class Score:
    """Both axes with their evidence, and what follows from them."""

    fit: Fit
    readiness: Readiness
    outcome: Outcome
    lead_type: LeadType | None
    missing: list[Missing]


def score(history: History, book: ScoringPlaybook, at: datetime) -> Score:
    """Score a contact as of an instant: by what had happened by then, as it is known today."""
    then = history.until(at)
    episode = walk(then, book, at)[-1]
    facts = learn(then.ordered())
    fit, readiness = grade_fit(facts, book), episode.tally.read(at)
    account = then.account(facts, at, episode.cycle)
    raised = episode.strongest is not None
    ruling = rule_on(facts, account, book, raised=raised)
    outcome = ruling or _outcome(episode, fit, readiness, book)
    return Score(fit, readiness, outcome, _lead_type(outcome, episode), missing_facts(fit, book))


def _outcome(episode: Episode, fit: Fit, readiness: Readiness, book: ScoringPlaybook) -> Outcome:
    if episode.strongest is not None:
        return "poor_fit" if fit.grade == "D" else "hand_raiser"
    cell = book.matrix[fit.grade][readiness.level]
    if cell == "poor_fit" or episode.opened_at is None:
        return "poor_fit" if cell == "poor_fit" else "nurture"
    warm = book.lines.get(fit.grade, float("inf")) - book.readiness.cools_below
    return "mql" if readiness.points >= warm else "nurture"


def _lead_type(outcome: Outcome, episode: Episode) -> LeadType | None:
    if outcome == "customer":
        return "customer"
    if episode.strongest is not None and outcome != "excluded":
        return episode.strongest.lead_type
    if outcome != "mql":
        return None
    if episode.opening is not None:
        return episode.opening.lead_type
    return None if episode.told is None else episode.told.lead_type
