"""Queries: what a candidate playbook would have published beside what was."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from events.runtime.answers import EXAMPLE_ID, example
from events.runtime.web import ServiceDep
from scoring import handlers
from scoring.api.pages import Admin
from scoring.domain import Difference

router = APIRouter(prefix="/v1", tags=["shadows"])

_NONE = dict.fromkeys(("leads_in_force", "leads_candidate", "won_in_force", "won_candidate"), 0)


class DifferingContactAnswer(BaseModel):
    """A contact whose first lead since the start differs: type and grade on both sides, None where there is none."""

    contact_id: UUID
    difference: Difference
    in_force: str | None
    candidate: str | None
    fit_in_force: str | None
    fit_candidate: str | None
    opened_at: datetime
    won: bool


class ShadowReportAnswer(BaseModel):
    """The candidate that was started last, and how its leads differ from those that were published since."""

    model_config = example(
        {"stopped_at": "2026-03-09T09:00:00Z", "stopped_by": "mia", "contacts": {}, "differing": [], **_NONE},
        version="9a7b3c2d1e0f",
        started_at="2026-03-02T09:00:00Z",
        started_by="mia",
        stopped_at=None,
        stopped_by=None,
        leads_in_force=12,
        leads_candidate=13,
        won_in_force=2,
        won_candidate=2,
        contacts={"the same": 12, "a lead by the candidate alone": 1},
        differing=[
            {
                "contact_id": EXAMPLE_ID,
                "difference": "a lead by the candidate alone",
                "in_force": None,
                "candidate": "webinar",
                "fit_in_force": None,
                "fit_candidate": "A",
                "opened_at": "2026-03-03T09:00:00Z",
                "won": False,
            }
        ],
    )

    version: str
    started_at: datetime
    started_by: str
    stopped_at: datetime | None
    stopped_by: str | None
    leads_in_force: int
    leads_candidate: int
    won_in_force: int
    won_candidate: int
    contacts: dict[Difference, int]
    differing: list[DifferingContactAnswer]
    """The first twenty."""


@router.get("/shadows/last")
async def compare_shadow(service: ServiceDep, _caller: Admin) -> ShadowReportAnswer:
    """Compare what the last candidate would have published with what was published, since its start."""
    async with service.transaction() as tx:
        last, found = await handlers.compare_shadow(tx)
    return ShadowReportAnswer(
        version=last.version,
        started_at=last.started_at,
        started_by=last.started_by,
        stopped_at=last.stopped_at,
        stopped_by=last.stopped_by,
        leads_in_force=found.leads_in_force,
        leads_candidate=found.leads_candidate,
        won_in_force=found.won_in_force,
        won_candidate=found.won_candidate,
        contacts=found.contacts,
        differing=[DifferingContactAnswer.model_validate(lead, from_attributes=True) for lead in found.differing],
    )
