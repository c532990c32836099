"""Overrides: what a person decided against the rules. They stand in the history like engagements, at their instant."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from scoring.domain.history import IS_LIFTED, LIFTED, PUSHED, Engagement

OverrideKind = Literal["lift_exclusion", "push"]


def override_of(kind: OverrideKind, override_id: UUID, contact_id: UUID, at: datetime) -> Engagement:
    """Return an override as an engagement: an exclusion lifted, or a lead pushed by hand."""
    lifts = kind == "lift_exclusion"
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
        facts={IS_LIFTED: True} if lifts else {},
    )
