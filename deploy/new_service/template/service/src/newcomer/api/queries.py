"""Queries: which cases are open."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from events.runtime.answers import EMPTY, example
from events.runtime.queries import Cursor, Limit, read_cursor, write_cursor
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from newcomer import handlers
from newcomer.api.pages import CASE, CaseView, shown

router = APIRouter(prefix="/v1")

Reader = Annotated[Caller, requires("leads:read")]


class CasePage(BaseModel):
    """A page of open cases, those that wait longest first."""

    model_config = example(EMPTY, items=[CASE | {"handled_at": None, "handled_by": None}], next=None)

    items: list[CaseView]
    next: str | None


@router.get("/newcomer")
async def list_newcomer(service: ServiceDep, _caller: Reader, limit: Limit = 100, cursor: Cursor = None) -> CasePage:
    """List open cases, those that wait longest first."""
    after: Any = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        cases = await handlers.list_open(tx, after, limit)
    following = write_cursor(cases[-1].since.isoformat(), cases[-1].contact_id) if len(cases) == limit else None
    return CasePage(items=[shown(case) for case in cases], next=following)
