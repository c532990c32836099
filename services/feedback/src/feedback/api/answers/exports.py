"""Leads for whoever models them."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict

from events.leads import Evidence
from events.runtime.answers import EXAMPLE_ID, Answer, example
from feedback.domain.lifecycle import State

_EVIDENCE = [{"criterion": "company_size", "points": 25.0, "value": 120, "known": True, "note": None}]


class ExportedLead(Answer):
    """What was known of a lead when it qualified, and what became of it. It names nobody."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "lead_type": "content", "fit": "C", "campaign": None, "touches": 6, "accepted_at": None,
            "ended_at": "2026-03-12T09:00:00+00:00", "reason": "unreachable", "track": "re-engage",
            "state": "recycled", "label": "returned",
        },
        lead_id=EXAMPLE_ID, contact_id=EXAMPLE_ID, cycle=1, qualified_at="2026-03-02T09:00:00+00:00",
        lead_type="hand_raiser", fit="A", fit_points=25.0, fit_evidence=_EVIDENCE, readiness=4,
        readiness_points=25.0, readiness_evidence=_EVIDENCE, source="web_form", campaign="spring",
        segment="smb", playbook_version="9a7b3c2d1e0f", team="inbound", handed_over_at="2026-03-02T09:00:01+00:00",
        first_touched_at="2026-03-02T09:04:00+00:00", touches=1, automated_touches=0,
        accepted_at="2026-03-02T09:10:00+00:00", sal_at=None, confirmed_at=None, opportunity_at=None, won_at=None,
        lost_at=None, ended_at=None, reason=None, track=None, amount=None, revenue=0.0, state="accepted",
        label="open",
    )  # fmt: skip

    lead_id: UUID
    contact_id: UUID
    cycle: int
    qualified_at: datetime
    lead_type: str | None
    fit: str | None
    fit_points: float | None
    fit_evidence: list[Evidence] | None
    readiness: int | None
    readiness_points: float | None
    readiness_evidence: list[Evidence] | None
    source: str | None
    campaign: str | None
    segment: str | None
    playbook_version: str | None
    team: str | None
    handed_over_at: datetime | None
    first_touched_at: datetime | None
    touches: int
    automated_touches: int
    accepted_at: datetime | None
    sal_at: datetime | None
    confirmed_at: datetime | None
    opportunity_at: datetime | None
    won_at: datetime | None
    lost_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    track: str | None
    amount: float | None
    revenue: float
    state: State
    label: Literal["won", "sql", "returned", "open"]
    """What became of it, for whoever models it."""
