"""Which reasons made a crossing a lead, and a contact what it is."""

from datetime import datetime

from events.ids import derive_id
from events.leads import OutcomeReason
from scoring.domain import because
from scoring.domain.crossings import Crossing
from scoring.domain.cycles import Episode
from scoring.domain.fit import Fit
from scoring.domain.history import ASKED, LIFTED, PUSHED, History, Lead
from scoring.domain.readiness import Readiness
from scoring.playbook import HardRule, ScoringPlaybook, Thresholds
from scoring.playbook.thresholds import LEADS


def explain_crossing(crossing: Crossing, playbook: ScoringPlaybook) -> list[OutcomeReason]:
    """Return why an engagement made a lead, the reason that decided first."""
    engagement, found = crossing.engagement, list[OutcomeReason]()
    if engagement.engagement in {PUSHED, LIFTED}:
        found.append(because.because_of_override(engagement))
    elif crossing.restored is not None:
        found.append(because.because_of_undone_merge(engagement.occurred_at))
    elif crossing.by_request and crossing.lead_type != "customer":
        found.append(because.because_of_request(engagement, crossing.lead_type))
    if crossing.rule is not None:
        found.append(because.because_of_hard_rule(crossing.rule, raised=crossing.by_request))
    thresholds = playbook.thresholds_for(crossing.facts)
    return [*found, because.because_of_matrix_cell(crossing.fit.grade, crossing.readiness, thresholds)]


def explain_outcome(  # noqa: PLR0917 - all that the outcome follows from
    history: History,
    episode: Episode,
    rule: HardRule | None,
    fit: Fit,
    readiness: Readiness,
    thresholds: Thresholds,
    playbook: ScoringPlaybook,
) -> list[OutcomeReason]:
    """Return why a contact is what it is at an instant, the reason that decided first."""
    asked = episode.strongest
    found = list[OutcomeReason]()
    if rule is not None:
        found.append(because.because_of_hard_rule(rule, raised=asked is not None or episode.refused is not None))
    if asked is not None:
        found += [reason for reason in explain_crossing(asked, playbook) if reason.kind not in {"hard_rule", "cell"}]
    found.append(because.because_of_matrix_cell(fit.grade, readiness, thresholds))
    if asked is None and rule is None:
        found += _explain_lead_state(history, episode, fit, readiness, thresholds)
    return found


def explain_pending_request(history: History, at: datetime) -> list[OutcomeReason]:
    """Return the next request to talk that was made by an instant and counts later."""
    asked = {derive_id(ASKED, name) for name, each in history.engagements.items() if each.occurred_at <= at}
    due = [each.occurred_at for name, each in history.engagements.items() if each.occurred_at > at and name in asked]
    return [because.because_of_later_request(min(due))] if due else []


def _explain_lead_state(
    history: History, episode: Episode, fit: Fit, readiness: Readiness, thresholds: Thresholds
) -> list[OutcomeReason]:
    """Return what keeps a lead, or ended or prevented it, beside its cell."""
    lead, line = episode.published, thresholds.lead_lines.get(fit.grade)
    if lead is None:
        if episode.opening is not None:
            return [because.because_not_published_yet()]
        is_lead = thresholds.matrix[fit.grade][readiness.level] in LEADS
        return [episode.obstacle] if episode.obstacle is not None and is_lead else []
    if lead.cooled_at is not None:
        left = episode.tally.readiness_at(lead.cooled_at, thresholds)
        return [because.because_cooled(lead.fit, left.points, thresholds, lead.cooled_at)]
    return (
        []
        if line is not None and readiness.points >= line
        else [_explain_lead_below_line(history, lead, episode, readiness, thresholds)]
    )


def _explain_lead_below_line(
    history: History, lead: Lead, episode: Episode, readiness: Readiness, thresholds: Thresholds
) -> OutcomeReason:
    """Return why a lead whose points are below the line of its grade is one all the same."""
    line, warm = thresholds.lead_lines.get(lead.fit), thresholds.cooling_line(lead.fit)
    if history.has_been_worked(lead):
        return because.because_worked_on()
    if line is None or readiness.points < warm:
        return because.because_not_published_yet()
    return because.because_not_cooled_yet(readiness, line, episode.tally.find_fall_below(warm, since=lead.opened_at))
