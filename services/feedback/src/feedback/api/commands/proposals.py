"""Proposals of changes: routes that only translate."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from events.runtime.audit_log import record
from events.runtime.bodies import body_of, described
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from feedback import handlers
from feedback.api.answers import ProposalAnswer, ProposalOpened
from feedback.api.commands.intake import author_of
from feedback.domain.proposals import Approval, Proposed

router = APIRouter(tags=["reports"])

Worker = Annotated[Caller, requires("leads:work", "manager")]


@router.post("/v1/proposals", status_code=201, response_model=ProposalOpened, openapi_extra=described(Proposed))
async def propose(service: ServiceDep, caller: Worker, request: Request) -> Response:
    """Propose a change of a playbook because of feedback, with its diff and its simulation."""
    asked = await body_of(request, Proposed)
    async with service.transaction() as tx:
        found = await handlers.propose(tx, author_of(caller, asked), uuid4(), asked)
    answer = json_answer(found)
    answer.status_code = 201
    return answer


@router.post("/v1/proposals/{proposal_id}/approve", response_model=ProposalAnswer, openapi_extra=described(Approval))
async def approve(service: ServiceDep, caller: Worker, request: Request, proposal_id: UUID) -> Response:
    """Approve a proposal for one side. Once both did and the version is in force, those who asked are answered."""
    asked = await body_of(request, Approval)
    async with service.transaction() as tx:
        found = await handlers.approve(tx, author_of(caller, asked), proposal_id, asked)
        await record(tx.raw, caller, "proposal.approved", proposal_id)
        return json_answer(found)
