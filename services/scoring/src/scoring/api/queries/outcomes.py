"""Queries: what became of leads, and how many each setting of strictness would make."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from events.moments import Moment
from events.runtime.answers import EMPTY, EXAMPLE_ID, example
from events.runtime.queries import Cursor, Limit, ShortText, read_cursor
from events.runtime.web import ServiceDep
from scoring import handlers, store
from scoring.api.pages import Reader, write_next_cursor
from scoring.domain import Outcomes, PublishedLeadOutcome
from scoring.store.reports import LabelledLeadRow

router = APIRouter(prefix="/v1", tags=["reports"])

FIRST = datetime(2000, 1, 1, tzinfo=UTC)

_RATE = {"leads": 10, "count": 4, "rate": 0.4, "low": 0.17, "high": 0.69}
_NO_RATE = {"leads": 0, "count": 0, "rate": None, "low": 0.0, "high": 1.0}
_NONE = {
    "leads": 0,
    "still_open": 0,
    "enough": False,
    "mql": _NO_RATE,
    "hand_raisers": _NO_RATE,
    "requalified": _NO_RATE,
    "cells": [],
    "bant": {
        "strong_and_bant": 0,
        "strong_not_bant": 0,
        "weak_but_bant": 0,
        "weak_not_bant": 0,
        "agreement": None,
        "kappa": None,
        "answers": dict.fromkeys(("budget", "authority", "need", "timing"), _NO_RATE),
    },
    "returned": {},
    "too_early": _NO_RATE,
    "too_late": _NO_RATE,
    "reliability": [],
    "calibration_error": None,
}


class OutcomesAnswer(BaseModel):
    """What became of the leads that were published in a time."""

    model_config = example(
        {"playbook_version": "9a7b3c2d1e0f", "held_back": 0, "outcomes": _NONE},
        since="2026-03-02T09:00:00Z",
        until="2026-04-02T09:00:00Z",
        playbook_version=None,
        held_back=3,
        outcomes={
            "leads": 10,
            "still_open": 2,
            "enough": False,
            "mql": _RATE,
            "hand_raisers": _RATE,
            "requalified": _RATE,
            "cells": [
                {
                    "fit": "B",
                    "readiness": 2,
                    "converted": _RATE,
                    "won": 1,
                }
            ],
            "bant": {
                "strong_and_bant": 3,
                "strong_not_bant": 1,
                "weak_but_bant": 1,
                "weak_not_bant": 3,
                "agreement": 0.75,
                "kappa": 0.5,
                "answers": dict.fromkeys(("budget", "authority", "need", "timing"), _RATE),
            },
            "returned": {"no_response": 2},
            "too_early": _RATE,
            "too_late": _RATE,
            "reliability": [{"fit": "B", "readiness": 2, "predicted": 0.35, "happened": 0.4, "leads": 10}],
            "calibration_error": 0.05,
        },
    )

    since: datetime
    until: datetime
    playbook_version: str | None
    blocked_crossings: int = Field(serialization_alias="held_back")
    """Crossings that made no lead: too often, too soon, or because a colleague has the account's."""
    outcomes: Outcomes


class LabelledLeadAnswer(BaseModel):
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


class LabelledLeadPage(BaseModel):
    """A page of labelled leads, in the order they were published."""

    model_config = example(
        EMPTY,
        items=[
            {
                "lead_id": EXAMPLE_ID,
                "lead_type": "mql",
                "cycle": 1,
                "fit": "B",
                "readiness": 2,
                "readiness_points": 30.0,
                "qualified_at": "2026-03-02T09:00:00Z",
                "playbook_version": "9a7b3c2d1e0f",
                "label": "converted",
                "won": False,
                "bant": "yes",
                "reason": None,
            }
        ],
        next=None,
    )

    items: list[LabelledLeadAnswer]
    next: str | None


class LeadVolumesAnswer(BaseModel):
    """The leads that each setting would have made of the last days."""

    model_config = example(
        {"setting": "strict", "days": 30, "volumes": {"strict": {"by_score": 0, "by_request": 0}}},
        setting="balanced",
        days=90,
        volumes={
            "lenient": {"by_score": 52, "by_request": 12},
            "balanced": {"by_score": 40, "by_request": 12},
            "strict": {"by_score": 31, "by_request": 12},
        },
    )

    setting: str
    days: int
    volumes: dict[str, dict[str, int]]


@router.get("/outcomes")
async def read_outcomes(
    service: ServiceDep,
    _caller: Reader,
    since: Annotated[Moment | None, Query(description="Leads published from this instant on")] = None,
    until: Annotated[Moment | None, Query(description="and up to this one; left out: now")] = None,
    playbook_version: Annotated[ShortText | None, Query(description="Only leads published under this version")] = None,
) -> OutcomesAnswer:
    """Count what became of leads: conversion by cell with its interval, agreement with BANT, too early, too late."""
    async with service.transaction() as tx:
        begin, end = since or FIRST, until or tx.now
        found, blocked = await handlers.load_outcomes(tx, begin, end, playbook_version)
    return OutcomesAnswer(
        since=begin, until=end, playbook_version=playbook_version, blocked_crossings=blocked, outcomes=found
    )


@router.get("/outcomes/leads")
async def export_labelled_leads(
    service: ServiceDep, _caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> LabelledLeadPage:
    """Export leads with what became of them, to learn from (Q15)."""
    after: Any = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rows = await store.load_labelled_leads(tx, after, limit)
    return LabelledLeadPage(
        items=[_row_to_labelled_lead(row) for row in rows],
        next=write_next_cursor(rows, limit, "qualified_at", "lead_id"),
    )


def _row_to_labelled_lead(row: LabelledLeadRow) -> LabelledLeadAnswer:
    published = PublishedLeadOutcome(**{name: getattr(row, name) for name in PublishedLeadOutcome.__dataclass_fields__})
    label: Literal["converted", "returned", "open"] = "open"
    if published.is_decided:
        label = "converted" if published.is_converted else "returned"
    return LabelledLeadAnswer(readiness=row.level, readiness_points=row.points, label=label, **row.as_dict())


@router.get("/strictness")
async def read_volumes(
    service: ServiceDep,
    _caller: Reader,
    days: Annotated[int, Query(ge=1, le=400, description="How many days to look back")] = 90,
) -> LeadVolumesAnswer:
    """Return how many leads each setting of strictness would have made of the last days."""
    async with service.transaction() as tx:
        setting, found = await handlers.count_leads_by_strictness(tx, days)
    return LeadVolumesAnswer(setting=setting, days=days, volumes=found)
