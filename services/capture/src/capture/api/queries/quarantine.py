"""The submissions in quarantine."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from events.runtime.json_answers import json_answer
from events.runtime.queries import Cursor, Limit, read_cursor, write_cursor
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()


@router.get("/quarantine", response_model=answers.QuarantinePage)
async def list_quarantine(
    service: ServiceDep,
    _: Annotated[Caller, requires("leads:read")],
    state: Annotated[Literal["held", "released", "discarded"], Query(description="Waiting, or settled how")] = "held",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """List quarantined submissions with their reasons, newest first."""
    after: Any = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        items = await handlers.show_quarantine(state, limit, after, tx)
    last = items[-1] if len(items) == limit else None
    following = write_cursor(last.received_at, last.quarantine_id) if last else None
    return json_answer({"items": items, "next": following})
