"""The phones that scan."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

MOST = 200


@router.get("/scanner-pairings", response_model=answers.ScannerPairingsAnswer)
async def list_pairings(service: ServiceDep, _: Annotated[Caller, requires("admin")]) -> Response:
    """List links that still hold and paired devices, the newest first: 200 at most, ended ones for thirty days."""
    async with service.transaction() as tx:
        return json_answer({"items": await handlers.show_pairings(MOST, tx)})
