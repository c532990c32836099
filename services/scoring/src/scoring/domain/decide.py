"""Decisions: what to publish about a contact, now that its history is as it is.

A lead is published once, upgraded once per stronger type, and cools once. What was published is not taken back; the
rows follow what is known.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from events.envelope import LeadEvent
from events.ids import derive_lead_id
from events.leads import Grade, LeadCooled, LeadQualified, LeadUpgraded, Outcome
from scoring.domain.crossings import Crossing, rank_lead_type
from scoring.domain.cycles import Episode, may_make_lead, split_into_episodes
from scoring.domain.fit import grade_fit
from scoring.domain.history import LEARNED_AT_END, Engagement, History, Lead
from scoring.domain.to_events import DecisionContext, build_cooled_event, build_lead_event, build_regraded_event
from scoring.playbook import ScoringPlaybook


@dataclass(slots=True)
class Verdict:
    """What follows from a history: rows to write, events to publish, timers to set (or to drop: None)."""

    leads: list[Lead] = field(default_factory=list)
    events: list[LeadEvent] = field(default_factory=list)
    timers: list[tuple[UUID, datetime | None]] = field(default_factory=list)
    blocked: list[Engagement] = field(default_factory=list)
    """Crossings that made no lead: too often, too soon, or because a colleague has the account's."""


@dataclass(slots=True)
class ReevaluationLimit:
    """How many leads a reevaluation may still publish and let cool; whom it may not is listed."""

    qualified: float
    cooled: float
    today: float = math.inf
    """How many of the first it may still publish today; whom it may not waits for another day."""
    is_postponed: bool = False
    """Whether somebody waits."""
    listed: list[LeadEvent] = field(default_factory=list)
    """What would have been published about those who are only listed."""

    def admit_or_list(self, verdict: Verdict) -> bool:
        """Count a verdict; return whether it may be published now, else list it as a whole or let it wait."""
        made = sum(isinstance(event, LeadQualified) for event in verdict.events)
        cooled = sum(isinstance(event, LeadCooled) for event in verdict.events)
        if (made and made > self.qualified) or (cooled and cooled > self.cooled):
            self.listed += [event for event in verdict.events if isinstance(event, LeadQualified | LeadCooled)]
            return False
        if made and self.today < 1:
            self.is_postponed = True
            return False
        self.qualified -= made
        self.today -= made
        self.cooled -= cooled
        return True


def decide_contact(
    history: History, playbook: ScoringPlaybook, *, now: datetime, version: str, since: datetime | None = None
) -> Verdict:
    """Decide about a contact. The same history and instant give the same verdict, however it was learned.

    `since` is when the rules or the company changed, where that is why it is decided again.
    """
    verdict = Verdict()
    if not (history.leads or history.merged or history.lifecycle or may_make_lead(history, playbook)):
        return verdict
    ordered = history.engagements_in_order()
    context = DecisionContext(ordered, playbook, now, version, since)
    for episode in split_into_episodes(history, playbook, now):
        if episode.blocked is not None:
            verdict.blocked.append(episode.blocked)
        lead = episode.published or _open_lead(episode, context, verdict)
        if lead is None:
            continue
        known = _upgrade_lead(_correct_lead(lead, episode), episode, context, verdict)
        if not _is_lead_about_to_end(episode, ordered):
            known = _publish_new_grade(known, episode, context, verdict)
            known = _publish_cooling_when_due(known, episode, history, context, verdict)
        if known != episode.published:
            verdict.leads.append(known)
    return verdict


def _open_lead(episode: Episode, context: DecisionContext, verdict: Verdict) -> Lead | None:
    opening = episode.opening
    if opening is None:
        return None
    engagement, domain = opening.engagement, opening.facts.get("email_domain")
    lead = Lead(
        lead_id=derive_lead_id(episode.contact_id, episode.cycle),
        contact_id=episode.contact_id,
        cycle=episode.cycle,
        lead_type=opening.lead_type,
        published_type=opening.lead_type,
        outcome=opening.outcome,
        fit=opening.fit.grade,
        by_request=opening.by_request,
        engagement_id=engagement.engagement_id,
        opened_at=engagement.occurred_at,
        qualified_at=context.now,
        opened_as=opening.lead_type,
        published_fit=opening.fit.grade,
        published_level=opening.readiness.level,
        published_points=opening.readiness.points,
        playbook_version=context.version,
        email_domain=None if domain is None else str(domain),
        graded_as=opening.fit.grade,
        probability=opening.probability(context.playbook.probability),
        probability_model=context.playbook.probability_version,
    )
    verdict.events.append(build_lead_event(LeadQualified, lead.contact_id, lead.cycle, opening, context))
    return lead


def _correct_lead(lead: Lead, episode: Episode) -> Lead:
    """Return the lead by what is known now: an earlier opening, a stronger type, an end. `published_type` stays."""
    opening, best = episode.opening, None if episode.is_double else _strongest_crossing(episode)
    if episode.published is None and best is opening and episode.end is None:
        return lead
    known: dict[str, Any] = {"ended_at": None if episode.end is None else episode.end.at}
    if opening is not None:
        known["engagement_id"] = opening.engagement.engagement_id
        known["opened_at"] = opening.engagement.occurred_at
    if best is not None:
        known["lead_type"], known["outcome"], known["fit"] = best.lead_type, best.outcome, best.fit.grade
        known["by_request"] = episode.strongest is not None
    changed = {name: value for name, value in known.items() if getattr(lead, name) != value}
    return replace(lead, **changed) if changed else lead


def _strongest_crossing(episode: Episode) -> Crossing | None:
    opening, best = episode.opening, episode.strongest
    if opening is None or best is None:
        return opening or best
    return best if rank_lead_type(best.lead_type) > rank_lead_type(opening.lead_type) else opening


def _upgrade_lead(lead: Lead, episode: Episode, context: DecisionContext, verdict: Verdict) -> Lead:
    best = episode.strongest
    if best is None or episode.is_double:
        return lead
    if episode.end is None and rank_lead_type(best.lead_type) > rank_lead_type(lead.published_type):
        lead = replace(lead, published_type=best.lead_type, graded_as=best.fit.grade)
        verdict.events.append(build_lead_event(LeadUpgraded, lead.contact_id, lead.cycle, best, context))
    return lead


def _is_lead_about_to_end(episode: Episode, ordered: Sequence[Engagement]) -> bool:
    """Return whether a lead's end is on its way on another topic: the verdict that ended it said what was found out."""
    return episode.end is None and any(
        each.facts.get(LEARNED_AT_END) == episode.cycle and each.contact_id == episode.contact_id for each in ordered
    )


def _publish_new_grade(lead: Lead, episode: Episode, context: DecisionContext, verdict: Verdict) -> Lead:
    """Publish the grade by what is known now, where it is another than the one published last."""
    if episode.published is None or episode.end is not None or episode.is_double:
        return lead
    facts = episode.known | episode.facts
    fit, before = grade_fit(facts, context.playbook), lead.graded_as or lead.published_fit or lead.fit
    if fit.grade == before:
        return lead if lead.fit == before else replace(lead, fit=before)
    outcome = _outcome_for_grade(lead, fit.grade)
    lead = replace(lead, fit=fit.grade, outcome=outcome, graded_as=fit.grade, regrades=lead.regrades + 1)
    verdict.events.append(build_regraded_event(lead, before, fit, facts, context))
    return lead


def _outcome_for_grade(lead: Lead, grade: Grade) -> Outcome:
    """Return the outcome that a lead has with another grade."""
    if lead.lead_type == "customer":
        return "customer"
    if grade == "D":
        return "poor_fit"
    return "hand_raiser" if rank_lead_type(lead.lead_type) else "mql"


def _publish_cooling_when_due(
    lead: Lead, episode: Episode, history: History, context: DecisionContext, verdict: Verdict
) -> Lead:
    """Keep the timer at the instant at which the lead will have cooled, and publish the cooling once that has come."""
    cools_at = _cooling_instant(lead, episode, history, context)
    if cools_at is not None and cools_at <= context.now:
        regraded = episode.published is not None and lead.regrades > episode.published.regrades
        cools_at = context.now if regraded else max(cools_at, context.since or cools_at)
        thresholds = context.playbook.thresholds_for(episode.known)
        left = episode.tally.readiness_at(cools_at, thresholds)
        verdict.events.append(build_cooled_event(lead, left, thresholds, cools_at, context))
        lead = replace(lead, cooled_at=cools_at)
        cools_at = None
    if cools_at == lead.cools_at:
        return lead
    verdict.timers.append((lead.lead_id, cools_at))
    return replace(lead, cools_at=cools_at)


def _cooling_instant(lead: Lead, episode: Episode, history: History, context: DecisionContext) -> datetime | None:
    """Return when the lead cools or cooled; at once where its grade makes no leads by score."""
    closed = lead.by_request or lead.ended_at is not None or lead.cooled_at is not None or episode.is_double
    if closed or history.has_been_worked(lead):
        return None
    thresholds = context.playbook.thresholds_for(episode.known)
    if lead.fit not in thresholds.lead_lines:
        return context.now
    return episode.tally.find_fall_below(thresholds.cooling_line(lead.fit), since=lead.opened_at)
