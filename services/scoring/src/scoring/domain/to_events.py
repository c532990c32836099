"""What is published: a lead with the evidence of both axes and with what others need to act on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from events.envelope import Scalar
from events.leads import Engaged, LeadCooled, LeadQualified, LeadUpgraded
from scoring.domain.account import WISH
from scoring.domain.crossings import Crossing
from scoring.domain.history import PROFILE_FACTS, STAGE, Engagement, Lead
from scoring.domain.readiness import Readiness
from scoring.domain.stage import buying_stage
from scoring.playbook import ScoringPlaybook

CONSENTS = "consents."

L = TypeVar("L", LeadQualified, LeadUpgraded)


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What all events of one decision share."""

    ordered: list[Engagement]
    playbook: ScoringPlaybook
    now: datetime
    version: str


def lead_event(kind: type[L], lead: Lead, opening: Crossing, context: DecisionContext) -> L:
    """Return the event that a contact is a lead (or a stronger one), as of the engagement that made it so."""
    engagement, facts, readiness = opening.engagement, opening.facts, opening.readiness
    values: dict[str, Any] = {
        "occurred_at": context.now,
        "contact_id": lead.contact_id,
        "lead_id": lead.lead_id,
        "cycle": lead.cycle,
        "playbook_version": context.version,
        "lead_type": opening.lead_type,
        "outcome": opening.outcome,
        "fit": opening.fit.grade,
        "fit_points": opening.fit.points,
        "fit_evidence": opening.fit.evidence,
        "readiness": readiness.level,
        "readiness_points": readiness.points,
        "readiness_evidence": readiness.evidence,
        "captured_at": engagement.received_at,
        "source": engagement.source,
        "engagement_id": engagement.engagement_id,
        "engagement": engagement.engagement,
        "campaign": engagement.campaign,
        "content": engagement.content,
        "segment": context.playbook.segment(facts.get("employees")),
        "preference": engagement.preference,
        "preferred_at": engagement.preferred_at,
        "timeline": _timeline(opening.position, context),
        "buying_stage": buying_stage(context.ordered, context.playbook, engagement.occurred_at)
        if STAGE in facts
        else None,
        "wish": facts.get(WISH),
        "product": _text(facts.get("facts.product")),
        "consents": {
            name.removeprefix(CONSENTS): bool(given) for name, given in facts.items() if name.startswith(CONSENTS)
        },
    }
    for name in PROFILE_FACTS:
        values[name] = facts.get(name)
    return kind(**values)


def _timeline(position: int, context: DecisionContext) -> list[Engaged]:
    most = context.playbook.timeline
    shown = context.ordered[max(0, position + 1 - most) : position + 1] if most else []
    return [
        Engaged(
            engagement_id=engagement.engagement_id,
            engagement=engagement.engagement,
            occurred_at=engagement.occurred_at,
            source=engagement.source,
            content=engagement.content,
            campaign=engagement.campaign,
        )
        for engagement in shown
    ]


def cooled_event(lead: Lead, left: Readiness, at: datetime, context: DecisionContext) -> LeadCooled:
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
    )


def _text(value: Scalar) -> str | None:
    return None if value is None else str(value)
