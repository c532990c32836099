"""A dry run for somebody who is not known yet: what would one engagement alone make of them?"""

from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StringConstraints

from events.contacts import Consent, ContactCaptured, EmailKind, Preference
from events.leads import LeadType, Outcome, OutcomeReason
from events.runtime.answers import example, examples
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.web import ServiceDep
from scoring import handlers
from scoring.api.pages import Reader
from scoring.api.queries.scores import FitAnswer, MissingFactAnswer, ReadinessAnswer

router = APIRouter(prefix="/v1", tags=["scores"])

Text = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
AnyFact = Text | StrictBool | StrictInt | StrictFloat


class TrialEngagementBody(BaseModel):
    """An engagement as capture would publish it, of somebody new who is known by an e-mail."""

    model_config = ConfigDict(extra="forbid") | examples(
        {"engagement": "demo_request", "email_kind": "corporate", "country": "DE", "employees": 300},
        {"engagement": "content_download", "content": "guide", "job_title": "Head of Sales"},
    )

    engagement: Text
    source: Text = "web_form"
    campaign: Text | None = None
    content: Text | None = None
    email_domain: Text | None = None
    email_kind: EmailKind | None = None
    company: Text | None = None
    country: Text | None = None
    region: Text | None = None
    postal_code: Text | None = None
    industry: Text | None = None
    employees: Annotated[int, Field(ge=0, le=10_000_000, strict=True)] | None = None
    job_title: Text | None = None
    talk_to_sales: StrictBool = False
    preference: Preference | None = None
    facts: Annotated[dict[Name, AnyFact], Field(max_length=50)] = {}
    consents: Annotated[dict[Name, StrictBool], Field(max_length=50)] = {}
    """By purpose, whether it is granted."""
    out_of_audience: Annotated[list[Text], Field(max_length=50)] = []

    def to_captured_event(self, at: datetime) -> ContactCaptured:
        """Return the event that capture would publish at an instant."""
        given = [
            Consent(purpose=purpose, granted=granted, wording_version="trial", at=at)
            for purpose, granted in self.consents.items()
        ]
        return ContactCaptured(
            occurred_at=at, received_at=at, contact_id=uuid4(), engagement_id=uuid4(), consents=given, reachable=True,
            **self.model_dump(exclude={"consents"}),
        )  # fmt: skip


class TrialScoreAnswer(BaseModel):
    """What would be scored, and why; `outcome` is `mql` or `hand_raiser` where a lead would be published."""

    model_config = example(
        {"outcome": "nurture", "lead_type": None, "because": []},
        fit={"grade": "B", "points": 12.0, "evidence": []},
        readiness={"level": 1, "points": 60.0, "evidence": []},
        outcome="hand_raiser",
        because=[
            {
                "kind": "request", "why": "Asked to talk to sales.", "rule": "contact_sales", "by": None,
                "reason": None, "at": None, "until": None, "lead_id": None,
            }
        ],
        lead_type="hand_raiser",
        playbook_version="9a7b3c2d1e0f",
        missing=[{"fact": "industry", "would_become": "A", "outcome": "hand_raiser"}],
    )  # fmt: skip

    fit: FitAnswer
    readiness: ReadinessAnswer
    outcome: Outcome
    because: list[OutcomeReason]
    lead_type: LeadType | None
    playbook_version: str
    missing: list[MissingFactAnswer]


@router.post("/scores", openapi_extra=describe_body(TrialEngagementBody))
async def try_score(service: ServiceDep, _caller: Reader, request: Request) -> TrialScoreAnswer:
    """Return what one engagement of somebody new would be scored now, and why; nothing is saved or published."""
    wanted = await read_body_as(request, TrialEngagementBody)
    async with service.transaction() as tx:
        found, version = await handlers.try_engagement(tx, wanted.to_captured_event(tx.now))
    fit, readiness = found.fit, found.readiness
    return TrialScoreAnswer(
        fit=FitAnswer(grade=fit.grade, points=fit.points, evidence=fit.evidence),
        readiness=ReadinessAnswer(level=readiness.level, points=readiness.points, evidence=readiness.evidence),
        outcome=found.outcome,
        because=found.because,
        lead_type=found.lead_type,
        playbook_version=version,
        missing=[
            MissingFactAnswer(fact=each.fact, would_become=each.would_become, outcome=each.outcome)
            for each in found.missing
        ],
    )
