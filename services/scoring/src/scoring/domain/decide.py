"""Decisions: what to publish about a contact, now that its history is as it is.

A lead is told once, upgraded once per stronger type, and cools once. What was told is not taken back; the rows follow
what is known.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from events.envelope import Event
from events.ids import lead_id
from events.leads import LeadQualified, LeadUpgraded
from scoring.domain.cycles import Episode, may_open, walk
from scoring.domain.history import Engagement, History, Lead
from scoring.domain.judge import Opening, strength
from scoring.domain.tell import Telling, tell_cooled, tell_lead
from scoring.playbook import ScoringPlaybook


@dataclass(slots=True)
class Verdict:
    """What follows from a history: rows to write, events to publish, timers to set (or to drop: None)."""

    leads: list[Lead] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    timers: list[tuple[UUID, datetime | None]] = field(default_factory=list)
    held: list[Engagement] = field(default_factory=list)
    """Crossings that made no lead: too often, too soon, or because a colleague has the account's."""


def decide(history: History, book: ScoringPlaybook, *, now: datetime, version: str) -> Verdict:
    """Decide about one contact. The same history and instant give the same verdict, however it was learned."""
    verdict = Verdict()
    if not (history.leads or history.merged or history.turns or may_open(history, book)):
        return verdict
    ordered = history.ordered()
    telling = Telling(ordered, book, now, version)
    for episode in walk(history, book, now):
        if episode.held is not None:
            verdict.held.append(episode.held)
        lead = episode.told or _opened(episode, telling, verdict)
        if lead is None:
            continue
        known = _upgraded(_corrected(lead, episode), episode, telling, verdict)
        known = _cooled(known, episode, history, telling, verdict)
        if known != episode.told:
            verdict.leads.append(known)
    return verdict


def _opened(episode: Episode, telling: Telling, verdict: Verdict) -> Lead | None:
    opening = episode.opening
    if opening is None:
        return None
    engagement, domain = opening.engagement, opening.facts.get("email_domain")
    lead = Lead(
        lead_id=lead_id(episode.contact_id, episode.cycle),
        contact_id=episode.contact_id,
        cycle=episode.cycle,
        lead_type=opening.lead_type,
        told_type=opening.lead_type,
        outcome=opening.outcome,
        fit=opening.fit.grade,
        by_request=opening.by_request,
        engagement_id=engagement.engagement_id,
        opened_at=engagement.occurred_at,
        qualified_at=telling.now,
        opened_as=opening.lead_type,
        told_fit=opening.fit.grade,
        told_level=opening.readiness.level,
        told_points=opening.readiness.points,
        playbook_version=telling.version,
        email_domain=None if domain is None else str(domain),
    )
    verdict.events.append(tell_lead(LeadQualified, lead, opening, telling))
    return lead


def _corrected(lead: Lead, episode: Episode) -> Lead:
    """Follow what is known now: an earlier opening, a stronger type, an end. `told_type` stays what was said."""
    opening, best = episode.opening, None if episode.is_double else _strongest(episode)
    if episode.told is None and best is opening and episode.end is None:
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


def _strongest(episode: Episode) -> Opening | None:
    opening, best = episode.opening, episode.strongest
    if opening is None or best is None:
        return opening or best
    return best if strength(best.lead_type) > strength(opening.lead_type) else opening


def _upgraded(lead: Lead, episode: Episode, telling: Telling, verdict: Verdict) -> Lead:
    best = episode.strongest
    if best is None or episode.is_double:
        return lead
    if episode.end is None and strength(best.lead_type) > strength(lead.told_type):
        lead = replace(lead, told_type=best.lead_type)
        verdict.events.append(tell_lead(LeadUpgraded, lead, best, telling))
    return lead


def _cooled(lead: Lead, episode: Episode, history: History, telling: Telling, verdict: Verdict) -> Lead:
    """Keep the timer at the instant at which the lead will have cooled, and say so once that has come."""
    cools_at = _cools_at(lead, episode, history, telling.book)
    if cools_at is not None and cools_at <= telling.now:
        left = episode.tally.read(cools_at, telling.book.thresholds(episode.facts))
        verdict.events.append(tell_cooled(lead, left, cools_at, telling))
        lead = replace(lead, cooled_at=cools_at)
        cools_at = None
    if cools_at == lead.cools_at:
        return lead
    verdict.timers.append((lead.lead_id, cools_at))
    return replace(lead, cools_at=cools_at)


def _cools_at(lead: Lead, episode: Episode, history: History, book: ScoringPlaybook) -> datetime | None:
    closed = lead.by_request or lead.ended_at is not None or lead.cooled_at is not None or episode.is_double
    thresholds = book.thresholds(episode.facts)
    if closed or lead.fit not in thresholds.lines or history.is_worked(lead):
        return None
    return episode.tally.falls_below(thresholds.warm(lead.fit), since=lead.opened_at)
