"""What became of leads, and how many each setting of strictness would make."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from events.moments import Moment
from events.runtime.queries import Cursor, Limit, Word, position_in, written
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from scoring import handlers, store
from scoring.domain import Outcomes, Told

router = APIRouter(prefix="/v1", tags=["reports"])

Reader = Annotated[Caller, requires("leads:read")]
FIRST = datetime(2000, 1, 1, tzinfo=UTC)


class OutcomesAnswer(BaseModel):
    """What became of the leads that were told in a time."""

    since: datetime
    until: datetime
    playbook_version: str | None
    held_back: int
    """Crossings that made no lead: too often, too soon, or because a colleague has the account's."""
    outcomes: Outcomes


class LabelledLead(BaseModel):
    """A lead as it was told, and what became of it."""

    lead_id: UUID
    lead_type: str
    cycle: int
    fit: str
    readiness: int
    readiness_points: float | None
    qualified_at: datetime
    playbook_version: str | None
    label: Literal["converted", "returned", "open"]
    won: bool
    bant: str | None
    reason: str | None


class LabelledPage(BaseModel):
    """A page of labelled leads, in the order they were told."""

    items: list[LabelledLead]
    next: str | None


class VolumesAnswer(BaseModel):
    """The leads that each setting would have made of the last days."""

    setting: str
    days: int
    volumes: dict[str, dict[str, int]]


@router.get("/outcomes")
async def read_outcomes(
    service: ServiceDep,
    _caller: Reader,
    since: Annotated[Moment | None, Query(description="Leads told from this instant on")] = None,
    until: Annotated[Moment | None, Query(description="and up to this one; left out: now")] = None,
    playbook_version: Word | None = None,
) -> OutcomesAnswer:
    """Count what became of leads: conversion by cell with its interval, agreement with BANT, too early, too late."""
    async with service.transaction() as tx:
        begin, end = since or FIRST, until or tx.now
        found, held = await handlers.outcomes(tx, begin, end, playbook_version)
    return OutcomesAnswer(since=begin, until=end, playbook_version=playbook_version, held_back=held, outcomes=found)


@router.get("/outcomes/leads")
async def export_labelled_leads(
    service: ServiceDep, _caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> LabelledPage:
    """Export leads with what became of them, to learn from (Q15)."""
    after: Any = position_in(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rows = await store.labelled_leads(tx, after, limit)
    full = len(rows) == limit
    return LabelledPage(
        items=[_labelled(row) for row in rows],
        next=written(rows[-1]["qualified_at"].isoformat(), rows[-1]["lead_id"]) if full else None,
    )


def _labelled(row: dict[str, Any]) -> LabelledLead:
    told = Told(**{name: row[name] for name in Told.__dataclass_fields__})
    label: Literal["converted", "returned", "open"] = "open"
    if told.decided:
        label = "converted" if told.converted else "returned"
    return LabelledLead(readiness=row["level"], readiness_points=row["points"], label=label, **row)


@router.get("/strictness")
async def read_volumes(
    service: ServiceDep, _caller: Reader, days: Annotated[int, Query(ge=1, le=400)] = 90
) -> VolumesAnswer:
    """Say how many leads each setting of strictness would have made of the last days."""
    async with service.transaction() as tx:
        setting, found = await handlers.volumes(tx, days)
    return VolumesAnswer(setting=setting, days=days, volumes=found)
