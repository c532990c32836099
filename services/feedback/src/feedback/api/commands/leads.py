"""The commands on one lead, each a route that only translates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from events.runtime.bodies import describe_body
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from feedback.api.answers import CommandAnswer
from feedback.api.commands.intake import carry_out_single
from feedback.domain.commands import (
    Accept,
    Confirm,
    CorrectContactFacts,
    Disqualify,
    Lost,
    Meeting,
    OpenOpportunity,
    Recycle,
    Reject,
    Touch,
    Won,
)

router = APIRouter(prefix="/v1/leads/{lead_id}", tags=["commands"])

Worker = Annotated[Caller, requires("leads:work", *RESTRICTED_ROLES)]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.post("/touches", response_model=CommandAnswer, openapi_extra=describe_body(Touch))
async def record_touch(
    service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None
) -> Response:
    """Record an attempt to reach the contact; a late one is taken in every state."""
    return await carry_out_single(service, caller, request, lead_id, model=Touch, key=key)


@router.post("/meetings", response_model=CommandAnswer, openapi_extra=describe_body(Meeting))
async def record_meeting(
    service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None
) -> Response:
    """Record that a meeting was booked, held, missed, moved or called off."""
    return await carry_out_single(service, caller, request, lead_id, model=Meeting, key=key)


@router.post(
    "/corrections", name="correct", response_model=CommandAnswer, openapi_extra=describe_body(CorrectContactFacts)
)
async def correct_contact_facts(
    service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None
) -> Response:
    """Correct facts about the contact, as a size check asks for; taken in every state, and the grade follows."""
    return await carry_out_single(service, caller, request, lead_id, model=CorrectContactFacts, key=key)


@router.post("/accept", response_model=CommandAnswer, openapi_extra=describe_body(Accept))
async def accept(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None) -> Response:
    """Take the lead: a BDR's "I work it", or a SAL by who will own the deal."""
    return await carry_out_single(service, caller, request, lead_id, model=Accept, key=key)


@router.post("/reject", response_model=CommandAnswer, openapi_extra=describe_body(Reject))
async def reject(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None) -> Response:
    """Reject the lead; the reason decides whether it is returned, closed or routed again."""
    return await carry_out_single(service, caller, request, lead_id, model=Reject, key=key)


@router.post("/confirm", response_model=CommandAnswer, openapi_extra=describe_body(Confirm))
async def confirm(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None) -> Response:
    """Confirm the lead as an SQL, with the four BANT answers."""
    return await carry_out_single(service, caller, request, lead_id, model=Confirm, key=key)


@router.post("/opportunity", response_model=CommandAnswer, openapi_extra=describe_body(OpenOpportunity))
async def open_opportunity(
    service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None
) -> Response:
    """Open a deal on the lead; taken in every state."""
    return await carry_out_single(service, caller, request, lead_id, model=OpenOpportunity, key=key)


@router.post("/won", response_model=CommandAnswer, openapi_extra=describe_body(Won))
async def win(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None) -> Response:
    """Win the deal; taken in every state."""
    return await carry_out_single(service, caller, request, lead_id, model=Won, key=key)


@router.post("/lost", response_model=CommandAnswer, openapi_extra=describe_body(Lost))
async def lose(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None) -> Response:
    """Lose the deal, with a reason; the lead goes to that reason's track."""
    return await carry_out_single(service, caller, request, lead_id, model=Lost, key=key)


@router.post("/recycle", response_model=CommandAnswer, openapi_extra=describe_body(Recycle))
async def recycle(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None) -> Response:
    """Return the lead to nurture, with a reason and its context."""
    return await carry_out_single(service, caller, request, lead_id, model=Recycle, key=key)


@router.post("/disqualify", response_model=CommandAnswer, openapi_extra=describe_body(Disqualify))
async def disqualify(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID, key: Key = None) -> Response:
    """Close the lead for the wrong ICP or persona; any other reason returns it, and the answer says so."""
    return await carry_out_single(service, caller, request, lead_id, model=Disqualify, key=key)
