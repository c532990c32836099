"""The commands on one lead, each a route that only translates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response

from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from feedback.api.intake import StrictRoute, carry_out_one
from feedback.domain.commands import (
    Accept,
    Confirm,
    Disqualify,
    Lost,
    Meeting,
    Opportunity,
    Recycle,
    Reject,
    Touch,
    Won,
)

router = APIRouter(prefix="/v1/leads/{lead_id}", route_class=StrictRoute, tags=["commands"])

Worker = Annotated[Caller, requires("leads:work")]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.post("/touches")
async def record_touch(service: ServiceDep, caller: Worker, lead_id: UUID, body: Touch, key: Key = None) -> Response:
    """Record an attempt to reach the contact; a late one is taken in every state."""
    return await carry_out_one(service, caller, lead_id, body, key)


@router.post("/meetings")
async def record_meeting(
    service: ServiceDep, caller: Worker, lead_id: UUID, body: Meeting, key: Key = None
) -> Response:
    """Record that a meeting was booked, held, missed, moved or called off."""
    return await carry_out_one(service, caller, lead_id, body, key)


@router.post("/accept")
async def accept(service: ServiceDep, caller: Worker, lead_id: UUID, body: Accept, key: Key = None) -> Response:
    """Take the lead: a BDR's "I work it", or a SAL by who will own the deal."""
    return await carry_out_one(service, caller, lead_id, body, key)


@router.post("/reject")
async def reject(service: ServiceDep, caller: Worker, lead_id: UUID, body: Reject, key: Key = None) -> Response:
    """Give the lead back; the reason decides whether it is returned, closed or routed again."""
    return await carry_out_one(service, caller, lead_id, body, key)


@router.post("/confirm")
async def confirm(service: ServiceDep, caller: Worker, lead_id: UUID, body: Confirm, key: Key = None) -> Response:
    """Confirm the lead as an SQL, with the four BANT answers."""
    return await carry_out_one(service, caller, lead_id, body, key)


@router.post("/opportunity")
async def open_opportunity(
    service: ServiceDep, caller: Worker, lead_id: UUID, body: Opportunity, key: Key = None
) -> Response:
    """Open a deal on the lead; taken in every state."""
    return await carry_out_one(service, caller, lead_id, body, key)


@router.post("/won")
async def win(service: ServiceDep, caller: Worker, lead_id: UUID, body: Won, key: Key = None) -> Response:
    """Win the deal; taken in every state."""
    return await carry_out_one(service, caller, lead_id, body, key)


@router.post("/lost")
async def lose(service: ServiceDep, caller: Worker, lead_id: UUID, body: Lost, key: Key = None) -> Response:
    """Lose the deal, with a reason; the lead goes to that reason's track."""
    return await carry_out_one(service, caller, lead_id, body, key)


@router.post("/recycle")
async def recycle(service: ServiceDep, caller: Worker, lead_id: UUID, body: Recycle, key: Key = None) -> Response:
    """Return the lead to nurture, with a reason and its context."""
    return await carry_out_one(service, caller, lead_id, body, key)


@router.post("/disqualify")
async def disqualify(service: ServiceDep, caller: Worker, lead_id: UUID, body: Disqualify, key: Key = None) -> Response:
    """Close the lead for the wrong ICP or persona; any other reason returns it, and the answer says so."""
    return await carry_out_one(service, caller, lead_id, body, key)
