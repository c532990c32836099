"""Commands that are about no lead: routes that only translate."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Request, Response

from events.ids import derive
from events.runtime.bodies import body_of, described
from events.runtime.commands import body_hash, clean_key
from events.runtime.security import BOUND, Caller
from events.runtime.web import ServiceDep, requires
from feedback.api import answers
from feedback.api.commands.intake import answer_of, author_of
from feedback.domain.commands import Command, CustomerChange
from feedback.domain.sales_feedback import FeedbackAnswer, SalesFeedback
from feedback.handlers import Action, change_customer
from feedback.handlers import answer_feedback as save_answer
from feedback.handlers import record_feedback as save_feedback

router = APIRouter(tags=["commands"])

Worker = Annotated[Caller, requires("leads:work", *BOUND)]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.post(
    "/v1/contacts/{contact_id}/customer",
    response_model=answers.CustomerChangeRecorded,
    openapi_extra=described(CustomerChange),
)
async def record_customer_change(
    service: ServiceDep, caller: Worker, request: Request, contact_id: UUID, key: Key = None
) -> Response:
    """Record what became of a customer: bought more, renewed, left, or handed back to marketing."""
    asked = await body_of(request, CustomerChange)
    action = action_of(caller, asked, f"customer|{contact_id}", key)
    async with service.transaction() as tx:
        return answer_of(await change_customer(tx, action, contact_id, asked))


@router.post("/v1/feedback", response_model=answers.FeedbackRecorded, openapi_extra=described(SalesFeedback))
async def record_feedback(service: ServiceDep, caller: Worker, request: Request, key: Key = None) -> Response:
    """Record feedback for marketing on its messaging, its topics and its content."""
    asked = await body_of(request, SalesFeedback)
    action = action_of(caller, asked, "feedback", key)
    async with service.transaction() as tx:
        return answer_of(await save_feedback(tx, action, asked))


@router.post("/v1/feedback/answers", response_model=answers.FeedbackAnswered, openapi_extra=described(FeedbackAnswer))
async def answer_feedback(
    service: ServiceDep, caller: Annotated[Caller, requires("leads:work")], request: Request, key: Key = None
) -> Response:
    """Answer feedback of sales: a reply, changed copy, new content, or no and why. Rules change by proposals alone."""
    asked = await body_of(request, FeedbackAnswer)
    action = action_of(caller, asked, "answer", key)
    async with service.transaction() as tx:
        return answer_of(await save_answer(tx, action, asked))


def action_of(caller: Caller, asked: Command, about: str, key: str | None) -> Action:
    """Return who did it, as which action; its id follows from its idempotency key."""
    by = author_of(caller, asked)
    found = clean_key(key, "key")
    if found is None:
        return Action(by, uuid4(), reach=caller.reach)
    digest = body_hash(f"{about}|{by}|{asked.model_dump_json()}".encode())
    return Action(by, derive("action", caller.key_id, found, digest), found, caller.key_id, digest, caller.reach)
