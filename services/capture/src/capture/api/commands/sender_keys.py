"""Keys of those who send: of forms in browsers, of webhooks that sign, of senders that speak for one source."""

import base64
import secrets
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Request
from pydantic import Field, Strict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.commands.registers import Code
from capture.api.gate import derive_signing_secret
from capture.api.shown_once import ShownOnce
from capture.domain.submission import StrictModel
from capture.domain.text import Title
from events.parts import JsonObject
from events.runtime import Service, security
from events.runtime.answers import examples
from events.runtime.bodies import describe_repeatable_body, read_body_as
from events.runtime.commands import carry_out_request_once
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

MOST_ORIGINS = 20
ORIGIN = r"^https?://[A-Za-z0-9.-]+(:([0-9]{1,5}|\*))?$"
"""As browsers say it; `:*` stands for any port."""
Origin = Annotated[str, Strict(), StringConstraints(pattern=ORIGIN, max_length=300)]


class SenderKeyBody(StrictModel):
    """Who sends: a form and where its pages are, a webhook that signs, or a sender bound to a source."""

    model_config = examples(
        {"kind": "form", "label": "Pricing page", "form": "contact", "origins": ["https://www.example.com"]},
        {"kind": "webhook", "label": "Webinars", "source": "webinar"},
    )

    kind: Literal["form", "webhook", "api"]
    label: Title
    form: Code | None = None
    origins: Annotated[list[Origin], Field(max_length=MOST_ORIGINS)] = Field(default_factory=list)
    source: Code | None = None
    by: Title | None = None
    """Who asked for it, where a program makes it for somebody."""

    @model_validator(mode="after")
    def _fits(self) -> "SenderKeyBody":
        if (self.kind == "form") != (self.form is not None and bool(self.origins)):
            raise PydanticCustomError("form_and_origins", "A form's key, and no other, names a form and origins.")
        if self.kind == "api" and self.source is None:
            raise PydanticCustomError("source_missing", "A sender's key names its source.")
        return self


@router.post(
    "/sender-keys",
    status_code=201,
    response_model=answers.NewSenderKeyAnswer,
    openapi_extra=describe_repeatable_body(SenderKeyBody),
)
async def create_sender_key(
    service: ServiceDep, caller: Annotated[Caller, requires("admin")], request: Request
) -> Response:
    """Create the key of a form, a webhook or a sender; it is in the answer, this once."""
    body = await read_body_as(request, SenderKeyBody)
    wanted = handlers.SenderKeyBinding(body.kind, body.label, body.form, body.origins, body.source)
    shown = ShownOnce(service, request)

    async def create() -> JsonObject:
        key_id = secrets.token_hex(6)
        _, digest = security.write_key(key_id, shown.derive_secret("sender-key", key_id))
        await handlers.create_sender_key(tx, caller, key_id, digest, wanted, body.by)
        return {"key_id": key_id}

    async with service.transaction() as tx:
        found = await carry_out_request_once(tx, caller, request, create)
        key_id = orjson.loads(found.body)["key_id"]
        if found.replayed:
            await handlers.check_sender_key_holds(tx, key_id)
    key, _ = security.write_key(key_id, shown.derive_secret("sender-key", key_id))
    shown_key = _signed_with(service, key_id) if body.kind == "webhook" else key
    return json_answer({"key_id": key_id, "key": shown_key}, 201, found.headers)


def _signed_with(service: Service, key_id: str) -> str:
    """Return what a webhook's sender signs with, as Standard Webhooks writes it."""
    secret = derive_signing_secret(service.settings.secret.get_secret_value().encode(), key_id)
    return f"whsec_{base64.b64encode(secret).decode()}"
