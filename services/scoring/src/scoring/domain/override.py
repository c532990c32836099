"""What people decide against the rules or learn of a contact: it stands in the history like an engagement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from events.parts import Scalar
from scoring.domain.history import FACTS_LEARNED, IS_LIFTED, LIFTED, OVERRIDDEN_BY, OVERRIDDEN_WHY, PUSHED, Engagement

OverrideKind = Literal["lift_exclusion", "push"]


def override_as_engagement(  # noqa: PLR0917 - a row of the table
    kind: OverrideKind, override_id: UUID, contact_id: UUID, at: datetime, by: str, reason: str
) -> Engagement:
    """Return an override as an engagement: an exclusion lifted, or a lead pushed by hand."""
    lifts = kind == "lift_exclusion"
    facts: dict[str, Scalar] = {OVERRIDDEN_BY: by, OVERRIDDEN_WHY: reason}
    return Engagement(
        engagement_id=override_id,
        contact_id=contact_id,
        engagement=LIFTED if lifts else PUSHED,
        source="override",
        occurred_at=at,
        received_at=at,
        content=None,
        campaign=None,
        talk_to_sales=False,
        preference=None,
        preferred_at=None,
        facts=facts | {IS_LIFTED: True} if lifts else facts,
    )


def learned_facts_as_engagement(
    engagement_id: UUID, contact_id: UUID, source: str, at: datetime, facts: Mapping[str, Scalar]
) -> Engagement:
    """Return facts that somebody learned, as of `at`; the value None withdraws what the same source said before."""
    return Engagement(
        engagement_id=engagement_id,
        contact_id=contact_id,
        engagement=FACTS_LEARNED,
        source=source,
        occurred_at=at,
        received_at=at,
        content=None,
        campaign=None,
        talk_to_sales=False,
        preference=None,
        preferred_at=None,
        facts=dict(facts),
    )
