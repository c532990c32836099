"""Queries: overrides, the newest first, and how many were made (D7)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from events.runtime.answers import EMPTY, EXAMPLE_ID, example
from events.runtime.queries import Cursor, Limit, read_cursor
from events.runtime.web import ServiceDep
from scoring import store
from scoring.api.pages import OverrideAnswer, Reader, write_next_cursor
from scoring.domain import OverrideKind

router = APIRouter(prefix="/v1", tags=["overrides"])


class OverridePage(BaseModel):
    """A page of overrides, the newest first."""

    model_config = example(
        EMPTY,
        items=[
            {
                "override_id": EXAMPLE_ID,
                "contact_id": EXAMPLE_ID,
                "kind": "push",
                "by": "lea",
                "reason": "Met at the fair",
                "at": "2026-03-02T09:00:00Z",
            }
        ],
        next=None,
    )

    items: list[OverrideAnswer]
    next: str | None


class OverrideCountAnswer(BaseModel):
    """How many of a kind somebody made in a week or month."""

    period: str
    kind: OverrideKind
    by: str
    overrides: int


class OverrideCountsAnswer(BaseModel):
    """Overrides by period."""

    model_config = example({"items": []}, items=[{"period": "2026-03-02", "kind": "push", "by": "lea", "overrides": 2}])

    items: list[OverrideCountAnswer]


@router.get("/overrides")
async def list_overrides(
    service: ServiceDep, _caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> OverridePage:
    """List overrides, the newest first."""
    after: Any = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rows = await store.list_overrides(tx, after, limit)
    return OverridePage(
        items=[OverrideAnswer(**row.as_dict()) for row in rows],
        next=write_next_cursor(rows, limit, "at", "override_id"),
    )


@router.get("/overrides/counts")
async def count_overrides(
    service: ServiceDep,
    _caller: Reader,
    per: Annotated[Literal["week", "month"], Query(description="Count by week or month")] = "week",
) -> OverrideCountsAnswer:
    """Count overrides by week or month, kind and who."""
    async with service.transaction() as tx:
        rows = await store.count_overrides(tx, per)
    return OverrideCountsAnswer(
        items=[OverrideCountAnswer(**{**row.as_dict(), "period": row.period.isoformat()}) for row in rows]
    )
