"""What people tell that is no command on a lead: routes that only translate."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Request, Response

from events.ids import derive
from events.runtime.bodies import body_of, described
from events.runtime.commands import body_hash
from events.runtime.security import BOUND, Caller
from events.runtime.web import ServiceDep, requires
from feedback.api.intake import answer_of, clean_key
from feedback.domain.commands import Command, CustomerChange, Told
from feedback.domain.refusals import ByMissing, Refusal
from feedback.handlers import Telling, change_customer, tell

router = APIRouter(tags=["commands"])

Worker = Annotated[Caller, requires("leads:work", *BOUND)]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.post("/v1/contacts/{contact_id}/customer", openapi_extra=described(CustomerChange))
async def record_customer_change(
    service: ServiceDep, caller: Worker, request: Request, contact_id: UUID, key: Key = None
) -> Response:
    """Tell what became of a customer: bought more, renewed, left, or handed back to marketing."""
    asked = await body_of(request, CustomerChange)
    try:
        told = telling(caller, asked, f"customer|{contact_id}", key)
        async with service.transaction() as tx:
            return answer_of(await change_customer(tx, told, contact_id, asked))
    except Refusal as refusal:
        return answer_of(refusal)


@router.post("/v1/feedback", openapi_extra=described(Told))
async def give_feedback(service: ServiceDep, caller: Worker, request: Request, key: Key = None) -> Response:
    """Tell marketing what contacts say of its messaging, its topics and its content."""
    asked = await body_of(request, Told)
    try:
        told = telling(caller, asked, "feedback", key)
        async with service.transaction() as tx:
            return answer_of(await tell(tx, told, asked))
    except Refusal as refusal:
        return answer_of(refusal)


def telling(caller: Caller, asked: Command, about: str, key: str | None) -> Telling:
    """Say who tells it: a key that is bound to a rep speaks for that rep alone."""
    by = caller.rep_id or asked.by
    if by is None:
        raise ByMissing("by")
    found = clean_key(key)
    if found is None:
        return Telling(by, uuid4(), reach=caller.reach)
    digest = body_hash(f"{about}|{by}|{asked.model_dump_json()}".encode())
    return Telling(by, derive("action", caller.key_id, found, digest), found, caller.key_id, digest, caller.reach)
