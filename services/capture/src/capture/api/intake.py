"""The way in: one contact, an array of them, or a stream."""

from collections import Counter
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from capture.api.door import door_of
from capture.api.gate import gate_of, sender_of, sends_many
from capture.api.stream import StreamedAnswers, counts
from capture.domain.submission import Submission
from capture.handlers import Incoming
from capture.handlers.intake import Claim
from capture.settings import CaptureSettings
from events.runtime.bodies import JSON, NDJSON, bounded, described, media_type, parse, read, schema_of, whole
from events.runtime.commands import body_hash
from events.runtime.problems import Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep

router = APIRouter()

BATCH = "/v1/contacts/batch"
LONGEST_KEY = 255
MOST_ITEMS = 1_000

_BATCH_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_ITEMS,
                    "items": schema_of(Submission),
                }
            },
            NDJSON: {"schema": {"type": "string"}},
        },
    }
}


def streams(path: str) -> bool:
    """Tell which paths bound their bodies themselves."""
    return path == BATCH


def _claim(request: Request, caller: Caller, body: bytes) -> Claim | None:
    key = request.headers.get("webhook-id" if caller.kind == "webhook" else "idempotency-key")
    if key is None:
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Problem(422, "idempotency_key_invalid", field="Idempotency-Key")
    return f"contacts:{caller.key_id}", key, body_hash(body)


async def _from_its_source(request: Request, caller: Caller, submission: Submission) -> Submission:
    """Let a key that is bound to a source speak for no other; it need not name its own."""
    source = await gate_of(request).source_of(caller)
    if source is None:
        return submission
    if submission.source not in (None, source):
        raise Problem(403, "source_refused", field="source")
    return submission.model_copy(update={"source": source})


@router.post("/contacts", status_code=202, openapi_extra=described(Submission))
async def post_contact(request: Request, caller: Annotated[Caller, Depends(sender_of)]) -> Response:
    """Take one submission in. A 202 means it is on disk."""
    media_type(request, JSON)
    body = await whole(request)
    submission = await _from_its_source(request, caller, read(Submission, body))
    incoming = Incoming(submission, _claim(request, caller, body))
    answer = await door_of(request).take(incoming)
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
    return Response(answer.body(), 202, headers, JSON)


@router.post("/contacts/batch", openapi_extra=_BATCH_BODY)
async def post_contacts(
    request: Request,
    service: ServiceDep,
    _: Annotated[Caller, sends_many()],
) -> Response:
    """Take many submissions in; each has its own answer."""
    settings = service.settings
    if not isinstance(settings, CaptureSettings):
        raise TypeError(settings)
    door = door_of(request)
    if media_type(request, JSON, NDJSON) == NDJSON:
        return StreamedAnswers(door, settings.line_limit, settings.answers_limit)
    values = parse(await bounded(request, settings.array_limit))
    if not isinstance(values, list):
        raise Problem(422, "list_type", field="body")
    if not 1 <= len(values) <= MOST_ITEMS:
        code = "too_many_items" if values else "too_few_items"
        raise Problem(422, code, field="body")
    items = await door.take_many(values)
    found = counts(Counter(item["status"] for item in items))
    return Response(orjson.dumps({**found, "items": items}), 200, media_type=JSON)
