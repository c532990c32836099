"""The suppression list: whom nobody may write to or call any more, whether we know them or not."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.gate import requires_right_to_change
from capture.api.intake import get_submission_intake
from capture.domain.submission import EmailOrPhone
from capture.domain.text import Title
from events.runtime.answers import example
from events.runtime.audit_log import record_action
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

Channels = Annotated[list[Literal["email", "phone", "ads", "all"]], Field(min_length=1, max_length=4)]


class SuppressionBody(EmailOrPhone):
    """Somebody, the channels that are closed to them, and why."""

    model_config = example(
        {"channels": ["all"], "reason": "left the company"},
        email="ada@lovelace.example",
        channels=["email"],
        reason="asked by phone",
    )

    channels: Channels = Field(default=["all"])
    reason: Title


class LiftSuppressionBody(EmailOrPhone):
    """Somebody, and the channels that are open to them again."""

    model_config = example({"channels": ["email", "phone"]}, email="ada@lovelace.example", channels=["email"])

    channels: Channels


@router.post("/suppressions", response_model=answers.ClosedChannelsAnswer, openapi_extra=describe_body(SuppressionBody))
async def post_suppression(
    request: Request, service: ServiceDep, _: Annotated[Caller, requires_right_to_change()]
) -> Response:
    """Close channels to somebody; it outlives an erasure. Returns all channels that are closed now."""
    body = await read_body_as(request, SuppressionBody)
    async with service.transaction() as tx:
        closed = await handlers.close_channels(
            body, body.channels, body.reason, get_submission_intake(request).hasher, tx
        )
    return json_answer({"closed": closed})


@router.post(
    "/suppressions/lift", response_model=answers.ClosedChannelsAnswer, openapi_extra=describe_body(LiftSuppressionBody)
)
async def lift_suppression(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("admin")]
) -> Response:
    """Open channels to somebody again. Returns the channels that stay closed."""
    body = await read_body_as(request, LiftSuppressionBody)
    async with service.transaction() as tx:
        closed = await handlers.reopen_channels(body, body.channels, get_submission_intake(request).hasher, tx)
        await record_action(tx.raw, caller, "suppression.lifted", ",".join(sorted(body.channels)))
    return json_answer({"closed": closed})
