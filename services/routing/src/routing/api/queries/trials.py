"""A dry run for a single lead: which rule, which rep and why, without doing it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StringConstraints

from events.ids import derive_lead_id
from events.leads import Grade, LeadQualified, LeadType, Outcome, TriedCandidate
from events.moments import Moment
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from routing import handlers

router = APIRouter(tags=["routing"])
AnyReader = Annotated[Caller, requires("leads:read")]
Fact = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
FactName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
NO_CYCLE_YET = 1_000_000


class TrialLeadBody(BaseModel):
    """A lead as scoring would publish it; what is left out is as of somebody who filled in a form."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"lead_type": "content", "fit": "B", "country": "DE", "employees": 300},
                {"lead_type": "hand_raiser", "outcome": "hand_raiser", "fit": "A", "company": "Lovelace Ltd"},
            ]
        },
    )

    contact_id: UUID | None = None
    """Somebody we know: their rep and what they asked for count."""
    lead_type: LeadType = "content"
    outcome: Outcome = "mql"
    fit: Grade = "B"
    readiness: Annotated[int, Field(ge=1, le=4, strict=True)] = 2
    source: Fact = "web_form"
    engagement: Fact = "form_submitted"
    campaign: Fact | None = None
    content: Fact | None = None
    segment: Fact | None = None
    email_domain: Fact | None = None
    email_kind: Fact | None = None
    company: Fact | None = None
    country: Fact | None = None
    region: Fact | None = None
    postal_code: Fact | None = None
    employees: Annotated[int, Field(ge=0, le=10_000_000, strict=True)] | None = None
    industry: Fact | None = None
    job_title: Fact | None = None
    product: Fact | None = None
    preference: Fact | None = None
    preferred_at: Moment | None = None
    facts_known: Annotated[
        dict[FactName, Fact | StrictBool | StrictInt | StrictFloat | None], Field(alias="facts", max_length=50)
    ] = {}
    """Other facts by name, and `utm.source` and the like."""
    consents: Annotated[dict[FactName, StrictBool], Field(max_length=50)] = {}

    def to_qualified_event(self, at: datetime) -> LeadQualified:
        """Return the event that scoring would publish at an instant."""
        given = self.model_dump(by_alias=True, exclude={"contact_id"})
        contact_id = self.contact_id or uuid4()
        return LeadQualified(
            occurred_at=at,
            contact_id=contact_id,
            lead_id=derive_lead_id(contact_id, NO_CYCLE_YET),
            cycle=NO_CYCLE_YET,
            playbook_version="trial",
            fit_points=0.0,
            fit_evidence=[],
            readiness_points=0.0,
            readiness_evidence=[],
            captured_at=at,
            engagement_id=uuid4(),
            **given,
        )


class TrialAnswer(BaseModel):
    """Which rule matches, where the lead would be now, and what was tried on the way."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "outcome": "assigned", "rule": "hand-raisers", "queue": "hand-raisers", "team": "inbound",
                    "rep_id": "inbound-2", "reason": "rotation", "waits_until": None,
                    "tried": [{"rule": "rotation:inbound", "outcome": "chosen", "why": "inbound-2 is next in turn"}],
                },
                {
                    "outcome": "queued", "rule": "content", "queue": "inbound", "team": "inbound", "rep_id": None,
                    "reason": "nobody_eligible", "waits_until": None, "tried": [],
                },
            ]
        }
    )  # fmt: skip

    outcome: str
    """`assigned`, `queued`, `released`, or `waits` for somebody's working day."""
    rule: str
    queue: str
    team: str
    rep_id: str | None
    reason: str
    waits_until: datetime | None
    tried: list[TriedCandidate]


@router.post("/v1/routes", openapi_extra=describe_body(TrialLeadBody))
async def try_route(service: ServiceDep, _: AnyReader, request: Request) -> TrialAnswer:
    """Return which rule and which rep a lead like this would get now, and why; nothing is saved or published."""
    wanted = await read_body_as(request, TrialLeadBody)
    async with service.transaction() as tx:
        found = await handlers.queries.try_lead(tx, wanted.to_qualified_event(tx.now))
    return TrialAnswer.model_validate(found, from_attributes=True)
