"""Queries: what became of people when the rules changed."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from events.runtime.answers import EMPTY, EXAMPLE_ID, example
from events.runtime.queries import Cursor, Limit, read_cursor, write_cursor
from events.runtime.web import ServiceDep
from scoring import store
from scoring.api.pages import Reader, write_next_cursor

router = APIRouter(prefix="/v1", tags=["reevaluations"])


class ReevaluationRunAnswer(BaseModel):
    """A run over everybody near the line after new rules came into force, and how many leads it changed."""

    reevaluation_id: UUID
    version: str
    activated_at: datetime
    evaluated: int
    """The contacts evaluated so far: those who did something within 180 days or have an open lead."""
    finished_at: datetime | None
    """None while it runs."""
    publishes: bool
    """False: it only lists."""
    most_qualified: int | None
    """So many new leads at most in all. None: no limit."""
    most_qualified_a_day: int | None
    """So many of them a day; the run goes on a day later. None: all at once."""
    qualified: int
    upgraded: int
    regraded: int
    cooled: int
    would_qualify: int
    """Leads beyond what the playbook's `reevaluation` lets it publish: listed, not made."""
    would_cool: int


class ReevaluationRunPage(BaseModel):
    """A page of runs, the newest first."""

    model_config = example(
        EMPTY,
        items=[
            {
                "reevaluation_id": EXAMPLE_ID,
                "version": "9a7b3c2d1e0f",
                "activated_at": "2026-03-02T09:00:00Z",
                "evaluated": 1200,
                "finished_at": "2026-03-02T09:00:00Z",
                "publishes": True,
                "most_qualified": 500,
                "most_qualified_a_day": 50,
                "qualified": 4,
                "upgraded": 1,
                "regraded": 9,
                "cooled": 2,
                "would_qualify": 0,
                "would_cool": 0,
            }
        ],
        next=None,
    )

    items: list[ReevaluationRunAnswer]
    next: str | None


class LeadChangedByReevaluationAnswer(BaseModel):
    """A lead that a run changed, or would have changed (`would_...`): it was only listed."""

    lead_id: UUID
    contact_id: UUID
    change: Literal["qualified", "upgraded", "regraded", "cooled", "would_qualify", "would_cool"]


class LeadsChangedByReevaluationPage(BaseModel):
    """A page of leads that a run changed, by change."""

    model_config = example(
        EMPTY, items=[{"lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID, "change": "qualified"}], next=None
    )

    items: list[LeadChangedByReevaluationAnswer]
    next: str | None


@router.get("/reevaluations")
async def list_reevaluations(
    service: ServiceDep, _caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> ReevaluationRunPage:
    """List the runs after changes of the rules, the newest first."""
    after: Any = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rows = await store.list_runs(tx, after, limit)
    return ReevaluationRunPage(
        items=[ReevaluationRunAnswer(**row.as_dict()) for row in rows],
        next=write_next_cursor(rows, limit, "activated_at", "reevaluation_id"),
    )


@router.get("/reevaluations/{reevaluation_id}/leads")
async def list_reevaluated_leads(
    service: ServiceDep, _caller: Reader, reevaluation_id: UUID, limit: Limit = 100, cursor: Cursor = None
) -> LeadsChangedByReevaluationPage:
    """List the leads that a run changed; of an unknown run there are none."""
    after: Any = read_cursor(cursor, str, UUID)
    async with service.transaction() as tx:
        rows = await store.list_affected_leads(tx, reevaluation_id, after, limit)
    full = len(rows) == limit
    return LeadsChangedByReevaluationPage(
        items=[LeadChangedByReevaluationAnswer(**row.as_dict()) for row in rows],
        next=write_cursor(rows[-1].change, rows[-1].lead_id) if full else None,
    )
