"""Which reasons made a crossing a lead, and a contact what it is."""

from datetime import datetime

from events.ids import derive
from events.leads import Because
from scoring.domain import because
from scoring.domain.crossings import Crossing
from scoring.domain.cycles import Episode
from scoring.domain.fit import Fit
from scoring.domain.history import ASKED, LIFTED, PUSHED, History, Lead
from scoring.domain.readiness import Readiness
from scoring.playbook import HardRule, ScoringPlaybook, Thresholds
from scoring.playbook.thresholds import LEADS


def why_crossed(crossing: Crossing, playbook: ScoringPlaybook) -> list[Because]:
    """Return why an engagement made a lead, the reason that decided first."""
    engagement, found = crossing.engagement, list[Because]()
    if engagement.engagement in {PUSHED, LIFTED}:
        found.append(because.by_override(engagement))
    elif crossing.restored is not None:
        found.append(because.restored(engagement.occurred_at))
    elif crossing.by_request and crossing.lead_type != "customer":
        found.append(because.by_request(engagement, crossing.lead_type))
    if crossing.rule is not None:
        found.append(because.by_rule(crossing.rule, raised=crossing.by_request))
    thresholds = playbook.thresholds(crossing.facts)
    return [*found, because.by_cell(crossing.fit.grade, crossing.readiness, thresholds)]


def why_scored(  # noqa: PLR0917 - all that the outcome follows from
    history: History,
    episode: Episode,
    rule: HardRule | None,
    fit: Fit,
    readiness: Readiness,
    thresholds: Thresholds,
    playbook: ScoringPlaybook,
) -> list[Because]:
    """Return why a contact is what it is at an instant, the reason that decided first."""
    asked = episode.strongest
    found = list[Because]()
    if rule is not None:
        found.append(because.by_rule(rule, raised=asked is not None or episode.refused is not None))
    if asked is not None:
        found += [reason for reason in why_crossed(asked, playbook) if reason.kind not in {"hard_rule", "cell"}]
    found.append(because.by_cell(fit.grade, readiness, thresholds))
    if asked is None and rule is None:
        found += _why_open(history, episode, fit, readiness, thresholds)
    return found


def pending_request_reasons(history: History, at: datetime) -> list[Because]:
    """Return the next request to talk that was made by an instant and counts later."""
    asked = {derive(ASKED, name) for name, each in history.engagements.items() if each.occurred_at <= at}
    due = [each.occurred_at for name, each in history.engagements.items() if each.occurred_at > at and name in asked]
    return [because.asked_for_later(min(due))] if due else []


def _why_open(
    history: History, episode: Episode, fit: Fit, readiness: Readiness, thresholds: Thresholds
) -> list[Because]:
    """Return what keeps a lead, or ended or prevented it, beside its cell."""
    lead, line = episode.published, thresholds.lines.get(fit.grade)
    if lead is None:
        if episode.opening is not None:
            return [because.not_evaluated()]
        is_lead = thresholds.matrix[fit.grade][readiness.level] in LEADS
        return [episode.obstacle] if episode.obstacle is not None and is_lead else []
    if lead.cooled_at is not None:
        left = episode.tally.read(lead.cooled_at, thresholds)
        return [because.cooled(lead.fit, left.points, thresholds, lead.cooled_at)]
    return (
        []
        if line is not None and readiness.points >= line
        else [_why_warm(history, lead, episode, readiness, thresholds)]
    )


def _why_warm(history: History, lead: Lead, episode: Episode, readiness: Readiness, thresholds: Thresholds) -> Because:
    """Return why a lead whose points are below the line of its grade is one all the same."""
    line, warm = thresholds.lines.get(lead.fit), thresholds.warm(lead.fit)
    if history.is_worked(lead):
        return because.worked_on()
    if line is None or readiness.points < warm:
        return because.not_evaluated()
    return because.kept_warm(readiness, line, episode.tally.falls_below(warm, since=lead.opened_at))
