"""Proposals of changes: routes that only translate."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from events.runtime.bodies import describe_body, read_body_as
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from feedback import handlers
from feedback.api.answers import ProposalOpened
from feedback.api.commands.intake import find_author
from feedback.domain.proposals import ProposedChange

router = APIRouter(tags=["reports"])

Worker = Annotated[Caller, requires("leads:work", "manager")]


@router.post(
    "/v1/proposals", status_code=201, response_model=ProposalOpened, openapi_extra=describe_body(ProposedChange)
)
async def propose(service: ServiceDep, caller: Worker, request: Request) -> Response:
    """Propose a change of a playbook because of feedback, with its diff and its simulation.

    It is approved and activated at the desk (`baton playbook approve`, `activate`); those who asked are answered then.
    """
    asked = await read_body_as(request, ProposedChange)
    async with service.transaction() as tx:
        found = await handlers.open_proposal(tx, find_author(caller, asked), uuid4(), asked)
    answer = json_answer(found)
    answer.status_code = 201
    return answer
