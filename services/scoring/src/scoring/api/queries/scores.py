"""Queries: why a contact is a lead, or not yet."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from events.leads import Evidence, Grade, InterestedAccount, LeadType, Outcome, OutcomeReason
from events.moments import Moment
from events.parts import Scalar
from events.runtime.answers import EXAMPLE_ID, example
from events.runtime.web import ServiceDep
from scoring import handlers
from scoring.api.pages import Reader
from scoring.domain import Score
from scoring.playbook import Level

router = APIRouter(prefix="/v1", tags=["scores"])


class FitAnswer(BaseModel):
    """Does this person have a problem we solve? `points` is the sum of the evidence."""

    grade: Grade
    points: float
    evidence: list[Evidence]


class ReadinessAnswer(BaseModel):
    """Ready to talk to sales about it? `points` is the sum of the evidence; level 1 is the highest."""

    level: Level
    points: float
    evidence: list[Evidence]


class MissingFactAnswer(BaseModel):
    """An unknown fact that alone could change the outcome: the grade at its best, and the outcome that follows."""

    fact: str
    would_become: Grade
    outcome: Outcome


class KnownFactAnswer(BaseModel):
    """A fact that counts: whose it is and since when."""

    fact: str
    value: Scalar
    source: str
    at: datetime


_CELL = {"kind": "cell", "by": None, "reason": None, "at": None, "until": None, "lead_id": None}
_NURTURE = {
    "fit": {
        "grade": "C",
        "points": 0.0,
        "evidence": [{"criterion": "employees", "points": 0.0, "value": None, "known": False, "note": None}],
    },
    "readiness": {"level": 4, "points": 0.0, "evidence": []},
    "outcome": "nurture",
    "because": [
        _CELL | {"why": "Fit C and readiness 4 are to nurture: 0 points, and the line for C is 50.", "rule": "C4"}
    ],
    "lead_type": None,
    "missing": [],
    "facts": [],
    "buying_stage": None,
    "probability": None,
    "account": None,
}


class ScoreAnswer(BaseModel):
    """A contact's score as of an instant."""

    model_config = example(
        _NURTURE,
        contact_id=EXAMPLE_ID,
        fit={
            "grade": "B",
            "points": 12.0,
            "evidence": [{"criterion": "employees", "points": 12.0, "value": 120, "known": True, "note": None}],
        },
        readiness={
            "level": 2,
            "points": 30.0,
            "evidence": [{"criterion": "demo_request", "points": 30.0, "value": None, "known": True, "note": None}],
        },
        outcome="mql",
        because=[
            _CELL | {"why": "Fit B and readiness 2 are an MQL: 30 points, and the line for B is 25.", "rule": "B2"}
        ],
        lead_type="content",
        playbook_version="9a7b3c2d1e0f",
        missing=[{"fact": "industry", "would_become": "A", "outcome": "mql"}],
        facts=[{"fact": "employees", "value": 120, "source": "form", "at": "2026-03-02T09:00:00Z"}],
        buying_stage="consideration",
        probability=0.21,
        account={
            "email_domain": "works.example",
            "points": 30.0,
            "fit": "B",
            "main_contact_id": EXAMPLE_ID,
            "people": [
                {
                    "contact_id": EXAMPLE_ID,
                    "job_title": "Head of Marketing",
                    "seniority": "director",
                    "department": "marketing",
                    "roles": ["decision maker"],
                    "uses_product": False,
                    "fit": "B",
                    "readiness": 2,
                    "readiness_points": 30.0,
                }
            ],
            "missing_roles": ["champion", "user"],
        },
    )

    contact_id: UUID
    fit: FitAnswer
    readiness: ReadinessAnswer
    outcome: Outcome
    because: list[OutcomeReason]
    """Why: the reason that decided comes first, each in words too."""
    lead_type: LeadType | None
    playbook_version: str
    missing: list[MissingFactAnswer]
    facts: list[KnownFactAnswer]
    buying_stage: str | None
    probability: float | None
    """How likely it is confirmed or won, by the playbook's model; None: it has none."""
    account: InterestedAccount | None
    """The people of the same company who show interest, taken together, and their points."""


@router.get("/contacts/{contact_id}/score")
async def read_score(
    contact_id: UUID,
    service: ServiceDep,
    _caller: Reader,
    at: Annotated[Moment | None, Query(description="As of this instant; left out: now")] = None,
) -> ScoreAnswer:
    """Explain a contact's score, now or at any instant."""
    async with service.transaction() as tx:
        found, version, account = await handlers.explain_score(tx, contact_id, at)
    return _score_to_answer(contact_id, found, version, account)


def _score_to_answer(contact_id: UUID, found: Score, version: str, account: InterestedAccount | None) -> ScoreAnswer:
    fit, readiness = found.fit, found.readiness
    return ScoreAnswer(
        contact_id=contact_id,
        fit=FitAnswer(grade=fit.grade, points=fit.points, evidence=fit.evidence),
        readiness=ReadinessAnswer(level=readiness.level, points=readiness.points, evidence=readiness.evidence),
        outcome=found.outcome,
        lead_type=found.lead_type,
        playbook_version=version,
        because=found.because,
        missing=[
            MissingFactAnswer(fact=fact.fact, would_become=fact.would_become, outcome=fact.outcome)
            for fact in found.missing
        ],
        facts=[
            KnownFactAnswer(fact=name, value=fact.value, source=fact.source, at=fact.at)
            for name, fact in sorted(found.known.items())
        ],
        buying_stage=found.buying_stage,
        probability=found.probability,
        account=account,
    )
