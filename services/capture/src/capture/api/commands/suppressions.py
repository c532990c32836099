"""The suppression list: whom nobody may write to or call any more, whether we know them or not."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.intake import intake_of
from capture.domain.submission import PersonIdentifiers
from capture.domain.text import Title
from events.runtime.answers import example
from events.runtime.audit_log import record
from events.runtime.bodies import body_of, described
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

Channels = Annotated[list[Literal["email", "phone", "ads", "all"]], Field(min_length=1, max_length=4)]


class Suppressed(PersonIdentifiers):
    """Somebody, the channels that are closed to them, and why."""

    model_config = example(
        {"channels": ["all"], "reason": "left the company"},
        email="ada@lovelace.example",
        channels=["email"],
        reason="asked by phone",
    )

    channels: Channels = Field(default=["all"])
    reason: Title


class Lifted(PersonIdentifiers):
    """Somebody, and the channels that are open to them again."""

    model_config = example({"channels": ["email", "phone"]}, email="ada@lovelace.example", channels=["email"])

    channels: Channels


@router.post("/suppressions", response_model=answers.Closed, openapi_extra=described(Suppressed))
async def post_suppression(
    request: Request, service: ServiceDep, _: Annotated[Caller, requires("capture:write")]
) -> Response:
    """Close channels to somebody; it outlives an erasure. Returns all channels that are closed now."""
    body = await body_of(request, Suppressed)
    async with service.transaction() as tx:
        closed = await handlers.suppress(body, body.channels, body.reason, intake_of(request).keyring, tx)
    return json_answer({"closed": closed})


@router.post("/suppressions/lift", response_model=answers.Closed, openapi_extra=described(Lifted))
async def lift_suppression(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("admin")]
) -> Response:
    """Open channels to somebody again. Returns the channels that stay closed."""
    body = await body_of(request, Lifted)
    async with service.transaction() as tx:
        closed = await handlers.lift(body, body.channels, intake_of(request).keyring, tx)
        await record(tx.raw, caller, "suppression.lifted", ",".join(sorted(body.channels)))
    return json_answer({"closed": closed})
