"""What is held: looked at, and released or discarded by somebody with a name."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from capture import handlers
from capture.api.door import door_of
from events.runtime.audit_log import record
from events.runtime.bodies import JSON
from events.runtime.queries import Cursor, Limit, position_in, written
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()


@router.get("/quarantine")
async def list_quarantine(
    service: ServiceDep,
    _: Annotated[Caller, requires("leads:read")],
    state: Literal["held", "released", "discarded"] = "held",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """List held submissions with their reasons, newest first."""
    after: Any = position_in(cursor, datetime, UUID)
    async with service.transaction() as tx:
        items = await handlers.show_quarantine(state, limit, after, tx)
    last = items[-1] if len(items) == limit else None
    following = written(last["received_at"], last["quarantine_id"]) if last else None
    return Response(orjson.dumps({"items": items, "next": following}, default=str), media_type=JSON)


@router.post("/quarantine/{quarantine_id}/release")
async def release_quarantined(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("admin")], quarantine_id: UUID
) -> Response:
    """Take a held submission in after all; a second time changes nothing."""
    async with service.transaction() as tx:
        answer = await handlers.settle(quarantine_id, "release", caller.key_id, door_of(request).keyring, tx)
        await record(tx.raw, caller, "quarantine.released", quarantine_id)
    return Response(orjson.dumps(answer, default=str), media_type=JSON)


@router.post("/quarantine/{quarantine_id}/discard")
async def discard_quarantined(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("admin")], quarantine_id: UUID
) -> Response:
    """Drop a held submission; a second time changes nothing."""
    async with service.transaction() as tx:
        answer = await handlers.settle(quarantine_id, "discard", caller.key_id, door_of(request).keyring, tx)
        await record(tx.raw, caller, "quarantine.discarded", quarantine_id)
    return Response(orjson.dumps(answer, default=str), media_type=JSON)
