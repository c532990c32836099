"""The words of scoring's decisions: a lead travels with both axes' evidence and with what others need to act on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from events.envelope import Scalar
from events.leads import Engaged, LeadCooled, LeadQualified, LeadUpgraded
from scoring.domain.account import WISH
from scoring.domain.history import PROFILE_FACTS, STAGE, Engagement, Lead
from scoring.domain.judge import Opening
from scoring.domain.readiness import Readiness
from scoring.domain.stage import buying_stage
from scoring.playbook import ScoringPlaybook

CONSENTS = "consents."

L = TypeVar("L", LeadQualified, LeadUpgraded)


@dataclass(frozen=True, slots=True)
class Telling:
    """What all events of one decision share."""

    ordered: list[Engagement]
    book: ScoringPlaybook
    now: datetime
    version: str


def tell_lead(kind: type[L], lead: Lead, opening: Opening, telling: Telling) -> L:
    """Say that a contact is a lead (or a stronger one), as of the engagement that made it so."""
    engagement, facts, readiness = opening.engagement, opening.facts, opening.readiness
    values: dict[str, Any] = {
        "occurred_at": telling.now,
        "contact_id": lead.contact_id,
        "lead_id": lead.lead_id,
        "cycle": lead.cycle,
        "playbook_version": telling.version,
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
        "segment": telling.book.segment(facts.get("employees")),
        "preference": engagement.preference,
        "preferred_at": engagement.preferred_at,
        "timeline": _timeline(opening.position, telling),
        "buying_stage": buying_stage(telling.ordered, telling.book, engagement.occurred_at) if STAGE in facts else None,
        "wish": facts.get(WISH),
        "product": _text(facts.get("facts.product")),
        "consents": {
            name.removeprefix(CONSENTS): bool(given) for name, given in facts.items() if name.startswith(CONSENTS)
        },
    }
    for name in PROFILE_FACTS:
        values[name] = facts.get(name)
    return kind(**values)


def _timeline(position: int, telling: Telling) -> list[Engaged]:
    most = telling.book.timeline
    shown = telling.ordered[max(0, position + 1 - most) : position + 1] if most else []
    return [
        Engaged(
            engagement_id=one.engagement_id,
            engagement=one.engagement,
            occurred_at=one.occurred_at,
            source=one.source,
            content=one.content,
            campaign=one.campaign,
        )
        for one in shown
    ]


def tell_cooled(lead: Lead, left: Readiness, at: datetime, telling: Telling) -> LeadCooled:
    """Say that a lead fell below the line, at the instant it did."""
    return LeadCooled(
        occurred_at=at,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        playbook_version=telling.version,
        fit=lead.fit,
        readiness=left.level,
        readiness_points=left.points,
        readiness_evidence=left.evidence,
    )


def _text(value: Scalar) -> str | None:
    return None if value is None else str(value)
