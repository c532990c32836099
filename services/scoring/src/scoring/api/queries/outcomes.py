"""Queries: what became of leads, and how many each setting of strictness would make."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from events.moments import Moment
from events.runtime.queries import Cursor, Limit, ShortText, position_in
from events.runtime.web import ServiceDep
from scoring import handlers, store
from scoring.api.pages import Reader, next_cursor
from scoring.domain import Outcomes, PublishedLead

router = APIRouter(prefix="/v1", tags=["reports"])

FIRST = datetime(2000, 1, 1, tzinfo=UTC)


class OutcomesAnswer(BaseModel):
    """What became of the leads that were published in a time."""

    since: datetime
    until: datetime
    playbook_version: str | None
    blocked_crossings: int = Field(serialization_alias="held_back")
    """Crossings that made no lead: too often, too soon, or because a colleague has the account's."""
    outcomes: Outcomes


class LabelledLead(BaseModel):
    """A lead as it was published, and what became of it."""

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
    """A page of labelled leads, in the order they were published."""

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
    since: Annotated[Moment | None, Query(description="Leads published from this instant on")] = None,
    until: Annotated[Moment | None, Query(description="and up to this one; left out: now")] = None,
    playbook_version: ShortText | None = None,
) -> OutcomesAnswer:
    """Count what became of leads: conversion by cell with its interval, agreement with BANT, too early, too late."""
    async with service.transaction() as tx:
        begin, end = since or FIRST, until or tx.now
        found, blocked = await handlers.outcomes(tx, begin, end, playbook_version)
    return OutcomesAnswer(
        since=begin, until=end, playbook_version=playbook_version, blocked_crossings=blocked, outcomes=found
    )


@router.get("/outcomes/leads")
async def export_labelled_leads(
    service: ServiceDep, _caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> LabelledPage:
    """Export leads with what became of them, to learn from (Q15)."""
    after: Any = position_in(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rows = await store.labelled_leads(tx, after, limit)
    return LabelledPage(
        items=[_labelled(row) for row in rows],
        next=next_cursor(rows, limit, "qualified_at", "lead_id"),
    )


def _labelled(row: dict[str, Any]) -> LabelledLead:
    published = PublishedLead(**{name: row[name] for name in PublishedLead.__dataclass_fields__})
    label: Literal["converted", "returned", "open"] = "open"
    if published.decided:
        label = "converted" if published.converted else "returned"
    return LabelledLead(readiness=row["level"], readiness_points=row["points"], label=label, **row)


@router.get("/strictness")
async def read_volumes(
    service: ServiceDep, _caller: Reader, days: Annotated[int, Query(ge=1, le=400)] = 90
) -> VolumesAnswer:
    """Return how many leads each setting of strictness would have made of the last days."""
    async with service.transaction() as tx:
        setting, found = await handlers.volumes(tx, days)
    return VolumesAnswer(setting=setting, days=days, volumes=found)
