"""The way in: one contact, an array of them, or a stream."""

from collections import Counter
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from capture.api import answers
from capture.api.gate import get_sender_gate, requires_bulk_sender, verify_sender
from capture.api.intake import ATTENDEES, CONTACTS, SCANS, ItemKind, get_submission_intake, is_phone_without_country
from capture.api.stream import StreamedAnswersResponse, VerifiedBody, name_counts_for_answer
from capture.domain.scan import SOURCE
from capture.domain.submission import Submission
from capture.handlers import IncomingSubmission
from capture.handlers.commands.submissions import Claim
from capture.settings import CaptureSettings
from events.runtime import Service
from events.runtime.bodies import (
    JSON,
    NDJSON,
    build_inline_schema,
    check_media_type,
    describe_lines,
    describe_repeatable_body,
    parse_json,
    parse_json_as,
    read_body,
    read_body_within,
)
from events.runtime.commands import hash_body, parse_idempotency_key
from events.runtime.json_answers import json_answer
from events.runtime.problems import BodyInvalid, Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep

router = APIRouter()

MANY = {"/v1/contacts/batch", "/v1/scans", "/v1/attendees", "/v1/imports"}
MOST_ITEMS = 1_000
_EACH_ANSWERED = describe_lines(
    answers.BatchLineAnswer, says="An answer for each item; in NDJSON the counts are the last line"
)


def _describe_bulk_body(kind: ItemKind) -> dict[str, Any]:
    """Describe a body of many items."""
    items = {"type": "array", "minItems": 1, "maxItems": MOST_ITEMS, "items": build_inline_schema(kind.model)}
    content = {JSON: {"schema": items}, NDJSON: {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "content": content}}


def has_own_body_limit(method: str, path: str) -> bool:
    """Return whether an operation bounds its bodies itself."""
    return method == "POST" and path in MANY


def _idempotency_claim(request: Request, caller: Caller, body: bytes) -> Claim | None:
    key = parse_idempotency_key(request.headers.get("webhook-id" if caller.kind == "webhook" else "idempotency-key"))
    return None if key is None else (f"contacts:{caller.key_id}", key, hash_body(body))


async def _read_submission(request: Request, caller: Caller, body: bytes) -> Submission:
    """Read one submission. A key that is bound to a source speaks for no other, and need not name its own."""
    source = await get_sender_gate(request).bound_source_of(caller)
    try:
        submission = parse_json_as(Submission, body)
    except BodyInvalid as unread:
        if not is_phone_without_country(unread.errors):
            raise
        (completed,) = await get_submission_intake(request).with_home_country_phones([parse_json(body)], source)
        submission = parse_json_as(Submission, orjson.dumps(completed))
    if source is None:
        return submission
    if submission.source not in (None, source):
        raise Problem(403, "source_refused", field="source")
    return submission.model_copy(update={"source": source})


@router.post(
    "/contacts",
    response_model=answers.SubmissionAnswer,
    status_code=202,
    openapi_extra=describe_repeatable_body(Submission),
)
async def post_contact(request: Request, caller: Annotated[Caller, Depends(verify_sender)]) -> Response:
    """Take one submission in. A 202 means it is on disk."""
    check_media_type(request, JSON)
    body = await read_body(request)
    incoming = IncomingSubmission(
        await _read_submission(request, caller, body), _idempotency_claim(request, caller, body)
    )
    answer = await get_submission_intake(request).take(incoming)
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
    return Response(answer.to_body(), 202, headers, JSON)


@router.post(
    "/contacts/batch",
    openapi_extra=_describe_bulk_body(CONTACTS),
    response_model=answers.BatchAnswer,
    responses=_EACH_ANSWERED,
)
async def post_contacts(
    request: Request, service: ServiceDep[CaptureSettings], caller: Annotated[Caller, requires_bulk_sender()]
) -> Response:
    """Take many submissions in; each has its own answer."""
    return await _accept_many(request, service, caller, CONTACTS)


@router.post(
    "/scans", openapi_extra=_describe_bulk_body(SCANS), response_model=answers.BatchAnswer, responses=_EACH_ANSWERED
)
async def post_scans(
    request: Request, service: ServiceDep[CaptureSettings], caller: Annotated[Caller, requires_bulk_sender(SOURCE)]
) -> Response:
    """Take badge scans in: one, an array or a stream, in any order and however late; each has its own answer."""
    return await _accept_many(request, service, caller, SCANS, alone=True)


@router.post(
    "/attendees",
    openapi_extra=_describe_bulk_body(ATTENDEES),
    response_model=answers.BatchAnswer,
    responses=_EACH_ANSWERED,
)
async def post_attendees(
    request: Request, service: ServiceDep[CaptureSettings], caller: Annotated[Caller, requires_bulk_sender(SOURCE)]
) -> Response:
    """Take in who wore which badge: whoever was or will be scanned under it is that person."""
    return await _accept_many(request, service, caller, ATTENDEES)


async def _accept_many(
    request: Request, service: Service[CaptureSettings], caller: Caller, kind: ItemKind, *, alone: bool = False
) -> Response:
    settings = service.settings
    intake, signed = get_submission_intake(request), None
    if caller.kind == "webhook":
        body = await read_body(request)
        signed = VerifiedBody(body, _idempotency_claim(request, caller, body))
    if check_media_type(request, JSON, NDJSON) == NDJSON:
        return StreamedAnswersResponse(intake, kind, settings.line_limit, settings.answers_limit, signed)
    values = parse_json(await read_body_within(request, settings.array_limit))
    if alone and isinstance(values, dict):
        values = [values]
    if not isinstance(values, list):
        raise Problem(422, "list_type", field="body")
    if not 1 <= len(values) <= MOST_ITEMS:
        code = "too_many_items" if values else "too_few_items"
        raise Problem(422, code, field="body")
    items = await intake.take_many(values, kind, message=signed and signed.claim)
    found = name_counts_for_answer(Counter(item["status"] for item in items))
    return json_answer({**found, "items": items})
