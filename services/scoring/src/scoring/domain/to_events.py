"""What is published: a lead with the evidence of both axes and with what others need to act on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from events.ids import derive_lead_id
from events.leads import Grade, LeadCooled, LeadQualified, LeadRegraded, LeadUpgraded, TimelineEntry
from events.parts import Scalar
from scoring.domain import because
from scoring.domain.account import WISH
from scoring.domain.crossings import Crossing, find_hard_rule
from scoring.domain.explaining import explain_crossing
from scoring.domain.fit import Fit, grade_fit
from scoring.domain.history import FACTS_LEARNED, PROFILE_FACTS, STAGE, TITLE, UNREACHABLE, UTM, Engagement, Lead
from scoring.domain.knowledge import choose_best_facts, choose_best_facts_with_sources
from scoring.domain.readiness import Readiness
from scoring.domain.stage import find_buying_stage
from scoring.playbook import ScoringPlaybook, Thresholds
from scoring.playbook.thresholds import LEADS

CONSENTS = "consents."
FACTS = "facts."
_CORRECTED = ("company", "country", "region", "postal_code", "employees", "industry", "job_title")

L = TypeVar("L", LeadQualified, LeadUpgraded)


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What all events of one decision share."""

    ordered: list[Engagement]
    playbook: ScoringPlaybook
    now: datetime
    version: str
    since: datetime | None = None
    """When that became so which made it necessary to decide again; no decision is dated before it."""


def build_lead_event(kind: type[L], contact_id: UUID, cycle: int, opening: Crossing, context: DecisionContext) -> L:
    """Return the event that a contact is a lead (or a stronger one), as of the engagement that made it so."""
    engagement, facts, readiness = opening.engagement, opening.facts, opening.readiness
    values: dict[str, Any] = {
        "occurred_at": context.now,
        "contact_id": contact_id,
        "lead_id": derive_lead_id(contact_id, cycle),
        "cycle": cycle,
        "playbook_version": context.version,
        "lead_type": opening.lead_type,
        "outcome": opening.outcome,
        "fit": opening.fit.grade,
        "fit_points": opening.fit.points,
        "fit_evidence": opening.fit.evidence,
        "readiness": readiness.level,
        "readiness_points": readiness.points,
        "readiness_evidence": readiness.evidence,
        "captured_at": _all_known_since(opening, context),
        "source": engagement.source,
        "engagement_id": engagement.engagement_id,
        "engagement": engagement.engagement,
        "campaign": engagement.campaign,
        "content": engagement.content,
        "segment": context.playbook.segment_name(facts.get("employees")),
        "preference": engagement.preference,
        "preferred_at": engagement.preferred_at,
        "timeline": _build_timeline(opening.position, context),
        "buying_stage": find_buying_stage(context.ordered, context.playbook, engagement.occurred_at)
        if STAGE in facts
        else None,
        "wish": facts.get(WISH),
        "product": _text_or_none(facts.get("facts.product")),
        "probability": opening.probability(context.playbook.probability),
        "probability_model": context.playbook.probability_version,
        "consents": {
            name.removeprefix(CONSENTS): bool(given) for name, given in facts.items() if name.startswith(CONSENTS)
        },
    }
    values |= {name: facts.get(name) for name in PROFILE_FACTS}
    others = {name.removeprefix(FACTS): found for name, found in facts.items() if name.startswith((FACTS, UTM))}
    return kind(**values, facts=others, because=explain_crossing(opening, context.playbook))


def _all_known_since(opening: Crossing, context: DecisionContext) -> datetime:
    """Return when all had arrived that made it a lead: what was learned later, or a change of the rules, count too."""
    at = opening.engagement.received_at
    if context.since is not None:
        at = max(at, context.since)
    waited = any(UNREACHABLE in each.facts for each in context.ordered)
    if opening.by_request and not waited:
        return at
    later = {each.received_at for each in context.ordered if each.facts and each.received_at > at}
    return next((instant for instant in sorted({at, *later}) if _was_already_lead_at(opening, instant, context)), at)


def _was_already_lead_at(opening: Crossing, at: datetime, context: DecisionContext) -> bool:
    """Return whether what had arrived by an instant already made the crossing a lead, by rules and grade."""
    arrived = [each for each in context.ordered if each.received_at <= at]
    facts = choose_best_facts(arrived, context.playbook)
    if facts.get(UNREACHABLE) and find_hard_rule(facts, None, context.playbook, raised=opening.by_request) is not None:
        return False
    if opening.by_request:
        return True
    thresholds, grade = context.playbook.thresholds_for(facts), grade_fit(facts, context.playbook).grade
    return thresholds.matrix[grade][opening.readiness.level] in LEADS


def _build_timeline(position: int, context: DecisionContext) -> list[TimelineEntry]:
    most = context.playbook.timeline
    done = [each for each in context.ordered[: position + 1] if each.engagement != FACTS_LEARNED]
    shown = done[-most:] if most else []
    return [
        TimelineEntry(
            engagement_id=engagement.engagement_id,
            engagement=engagement.engagement,
            occurred_at=engagement.occurred_at,
            source=engagement.source,
            content=engagement.content,
            campaign=engagement.campaign,
            content_title=_text_or_none(engagement.facts.get(TITLE)),
        )
        for engagement in shown
    ]


def build_cooled_event(
    lead: Lead, left: Readiness, thresholds: Thresholds, at: datetime, context: DecisionContext
) -> LeadCooled:
    """Return the event that a lead fell below the line, dated `at`, the instant it did."""
    return LeadCooled(
        occurred_at=at,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        playbook_version=context.version,
        fit=lead.fit,
        readiness=left.level,
        readiness_points=left.points,
        readiness_evidence=left.evidence,
        because=[because.because_cooled(lead.fit, left.points, thresholds, at)],
    )


def build_regraded_event(
    lead: Lead, before: Grade, fit: Fit, facts: dict[str, Scalar], context: DecisionContext
) -> LeadRegraded:
    """Return the event that a published lead has another grade by what is known now."""
    learned = {
        name: fact
        for name, fact in choose_best_facts_with_sources(context.ordered, context.playbook).items()
        if name in context.playbook.fit_facts and fact.received_at > lead.qualified_at
    }
    corrected: dict[str, Any] = {name: facts.get(name) for name in _CORRECTED}
    return LeadRegraded(
        occurred_at=context.now,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        playbook_version=context.version,
        revision=lead.regrades,
        previous_fit=before,
        fit=fit.grade,
        fit_points=fit.points,
        fit_evidence=fit.evidence,
        outcome=lead.outcome,
        segment=context.playbook.segment_name(facts.get("employees")),
        because=because.because_of_learned_facts(before, fit.grade, learned),
        **corrected,
    )


def _text_or_none(value: Scalar) -> str | None:
    return None if value is None else str(value)
