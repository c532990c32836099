"""Commands: somebody looked at a case."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from events.runtime.answers import examples
from events.runtime.audit_log import record_action
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from newcomer import handlers
from newcomer.api.pages import CaseView, shown

router = APIRouter(prefix="/v1")

Worker = Annotated[Caller, requires("leads:work")]
ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class Handled(BaseModel):
    """Who looked."""

    model_config = ConfigDict(extra="forbid", strict=True) | examples({"by": "lea"}, {"by": "max"})

    by: ShortText


@router.post("/newcomer/{contact_id}/handle", openapi_extra=describe_body(Handled))
async def handle(service: ServiceDep, caller: Worker, request: Request, contact_id: UUID) -> CaseView:
    """Record that somebody looked at a case; it is open again when its lead moves on."""
    body = await read_body_as(request, Handled)
    async with service.transaction() as tx:
        case = await handlers.handle(tx, contact_id, body.by)
        await record_action(tx.raw, caller, "case.handled", contact_id)
    return shown(case)
