"""Commands that are about no lead: routes that only translate."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Request, Response

from events.ids import derive_id
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.commands import hash_body, parse_idempotency_key
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from feedback.api import answers
from feedback.api.commands.intake import find_author, make_command_response
from feedback.domain.commands import Command, CustomerChange
from feedback.domain.sales_feedback import FeedbackAnswer, SalesFeedback
from feedback.handlers import ActionOrigin, report_customer_change, save_and_publish_feedback
from feedback.handlers import answer_feedback as save_answer

router = APIRouter(tags=["commands"])

Worker = Annotated[Caller, requires("leads:work", *RESTRICTED_ROLES)]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.post(
    "/v1/contacts/{contact_id}/customer",
    response_model=answers.CustomerChangeRecorded,
    openapi_extra=describe_body(CustomerChange),
)
async def record_customer_change(
    service: ServiceDep, caller: Worker, request: Request, contact_id: UUID, key: Key = None
) -> Response:
    """Record what became of a customer: bought more, renewed, left, or handed back to marketing."""
    asked = await read_body_as(request, CustomerChange)
    action = make_action_origin(caller, asked, f"customer|{contact_id}", key)
    async with service.transaction() as tx:
        return make_command_response(await report_customer_change(tx, action, contact_id, asked))


@router.post(
    "/v1/feedback", name="record_feedback", response_model=answers.FeedbackRecorded,
    openapi_extra=describe_body(SalesFeedback),
)  # fmt: skip
async def record_feedback_for_marketing(
    service: ServiceDep, caller: Worker, request: Request, key: Key = None
) -> Response:
    """Record feedback for marketing on its messaging, its topics and its content."""
    asked = await read_body_as(request, SalesFeedback)
    action = make_action_origin(caller, asked, "feedback", key)
    async with service.transaction() as tx:
        return make_command_response(await save_and_publish_feedback(tx, action, asked))


@router.post(
    "/v1/feedback/answers", response_model=answers.FeedbackAnswered, openapi_extra=describe_body(FeedbackAnswer)
)
async def answer_feedback(
    service: ServiceDep, caller: Annotated[Caller, requires("leads:work")], request: Request, key: Key = None
) -> Response:
    """Answer feedback of sales: a reply, changed copy, new content, or no and why. Rules change by proposals alone."""
    asked = await read_body_as(request, FeedbackAnswer)
    action = make_action_origin(caller, asked, "answer", key)
    async with service.transaction() as tx:
        return make_command_response(await save_answer(tx, action, asked))


def make_action_origin(caller: Caller, asked: Command, about: str, key: str | None) -> ActionOrigin:
    """Return who did it, as which action; its id follows from its idempotency key."""
    by = find_author(caller, asked)
    found = parse_idempotency_key(key, "key")
    if found is None:
        return ActionOrigin(by, uuid4(), reach=caller.reach)
    digest = hash_body(f"{about}|{by}|{asked.model_dump_json()}".encode())
    return ActionOrigin(
        by, derive_id("action", caller.key_id, found, digest), found, caller.key_id, digest, caller.reach
    )
