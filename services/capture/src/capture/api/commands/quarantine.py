"""Release or discard quarantined submissions; each is logged with the key that did it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.intake import get_submission_intake
from events.runtime.audit_log import record_action
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()


@router.post("/quarantine/{quarantine_id}/release", response_model=answers.SettledSubmissionAnswer)
async def release_quarantined(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("admin")], quarantine_id: UUID
) -> Response:
    """Accept a quarantined submission; a second time changes nothing."""
    async with service.transaction() as tx:
        outcome = await handlers.close_quarantined(
            quarantine_id, "release", caller.key_id, get_submission_intake(request).hasher, tx
        )
        await record_action(tx.raw, caller, "quarantine.released", quarantine_id)
    return json_answer({"state": outcome.state, **outcome.answer})


@router.post("/quarantine/{quarantine_id}/discard", response_model=answers.SettledSubmissionAnswer)
async def discard_quarantined(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("admin")], quarantine_id: UUID
) -> Response:
    """Discard a quarantined submission; a second time changes nothing."""
    async with service.transaction() as tx:
        outcome = await handlers.close_quarantined(
            quarantine_id, "discard", caller.key_id, get_submission_intake(request).hasher, tx
        )
        await record_action(tx.raw, caller, "quarantine.discarded", quarantine_id)
    return json_answer({"state": outcome.state, **outcome.answer})
