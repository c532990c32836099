"""The way in: one contact, an array of them, or a stream."""

from collections import Counter
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from capture.api import answers
from capture.api.gate import gate_of, sender_of, sends_many
from capture.api.intake import ATTENDEES, CONTACTS, SCANS, ItemKind, intake_of, lacks_country
from capture.api.stream import Signed, StreamedAnswers, counts
from capture.domain.scan import SOURCE
from capture.domain.submission import Submission
from capture.handlers import Incoming
from capture.handlers.commands.submissions import Claim
from capture.settings import CaptureSettings
from events.runtime import Service
from events.runtime.bodies import (
    JSON,
    NDJSON,
    bounded,
    lines_of,
    media_type,
    parse,
    read,
    repeatable,
    schema_of,
    whole,
)
from events.runtime.commands import body_hash, clean_key
from events.runtime.json_answers import json_answer
from events.runtime.problems import Invalid, Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep

router = APIRouter()

MANY = {"/v1/contacts/batch", "/v1/scans", "/v1/attendees", "/v1/imports"}
MOST_ITEMS = 1_000
_EACH_ANSWERED = lines_of(answers.BatchLine, says="An answer for each item; in NDJSON the counts are the last line")


def _many(kind: ItemKind) -> dict[str, Any]:
    """Describe a body of many items."""
    items = {"type": "array", "minItems": 1, "maxItems": MOST_ITEMS, "items": schema_of(kind.model)}
    content = {JSON: {"schema": items}, NDJSON: {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "content": content}}


def streams(method: str, path: str) -> bool:
    """Return whether an operation bounds its bodies itself."""
    return method == "POST" and path in MANY


def _claim(request: Request, caller: Caller, body: bytes) -> Claim | None:
    key = clean_key(request.headers.get("webhook-id" if caller.kind == "webhook" else "idempotency-key"))
    return None if key is None else (f"contacts:{caller.key_id}", key, body_hash(body))


async def _read_submission(request: Request, caller: Caller, body: bytes) -> Submission:
    """Read one submission. A key that is bound to a source speaks for no other, and need not name its own."""
    source = await gate_of(request).source_of(caller)
    try:
        submission = read(Submission, body)
    except Invalid as unread:
        if not lacks_country(unread.errors):
            raise
        (completed,) = await intake_of(request).with_home_country([parse(body)], source)
        submission = read(Submission, orjson.dumps(completed))
    if source is None:
        return submission
    if submission.source not in (None, source):
        raise Problem(403, "source_refused", field="source")
    return submission.model_copy(update={"source": source})


@router.post(
    "/contacts", response_model=answers.SubmissionAnswer, status_code=202, openapi_extra=repeatable(Submission)
)
async def post_contact(request: Request, caller: Annotated[Caller, Depends(sender_of)]) -> Response:
    """Take one submission in. A 202 means it is on disk."""
    media_type(request, JSON)
    body = await whole(request)
    incoming = Incoming(await _read_submission(request, caller, body), _claim(request, caller, body))
    answer = await intake_of(request).take(incoming)
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
    return Response(answer.body(), 202, headers, JSON)


@router.post("/contacts/batch", openapi_extra=_many(CONTACTS), response_model=answers.Batch, responses=_EACH_ANSWERED)
async def post_contacts(
    request: Request, service: ServiceDep[CaptureSettings], caller: Annotated[Caller, sends_many()]
) -> Response:
    """Take many submissions in; each has its own answer."""
    return await _take_many(request, service, caller, CONTACTS)


@router.post("/scans", openapi_extra=_many(SCANS), response_model=answers.Batch, responses=_EACH_ANSWERED)
async def post_scans(
    request: Request, service: ServiceDep[CaptureSettings], caller: Annotated[Caller, sends_many(SOURCE)]
) -> Response:
    """Take badge scans in: one, an array or a stream, in any order and however late; each has its own answer."""
    return await _take_many(request, service, caller, SCANS, alone=True)


@router.post("/attendees", openapi_extra=_many(ATTENDEES), response_model=answers.Batch, responses=_EACH_ANSWERED)
async def post_attendees(
    request: Request, service: ServiceDep[CaptureSettings], caller: Annotated[Caller, sends_many(SOURCE)]
) -> Response:
    """Take in who wore which badge: whoever was or will be scanned under it is that person."""
    return await _take_many(request, service, caller, ATTENDEES)


async def _take_many(
    request: Request, service: Service[CaptureSettings], caller: Caller, kind: ItemKind, *, alone: bool = False
) -> Response:
    settings = service.settings
    intake, signed = intake_of(request), None
    if caller.kind == "webhook":
        body = await whole(request)
        signed = Signed(body, _claim(request, caller, body))
    if media_type(request, JSON, NDJSON) == NDJSON:
        return StreamedAnswers(intake, kind, settings.line_limit, settings.answers_limit, signed)
    values = parse(await bounded(request, settings.array_limit))
    if alone and isinstance(values, dict):
        values = [values]
    if not isinstance(values, list):
        raise Problem(422, "list_type", field="body")
    if not 1 <= len(values) <= MOST_ITEMS:
        code = "too_many_items" if values else "too_few_items"
        raise Problem(422, code, field="body")
    items = await intake.take_many(values, kind, message=signed and signed.claim)
    found = counts(Counter(item["status"] for item in items))
    return json_answer({**found, "items": items})
