"""Read a JSON body strictly (one document, UTF-8, no NaN), and say what is wrong without quoting it."""

from typing import Any, TypeVar

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from capture.domain.submission import schema_of
from events.runtime.problems import Problem

M = TypeVar("M", bound=BaseModel)

JSON = "application/json"
NDJSON = "application/x-ndjson"


def media_type(request: Request, *taken: str) -> str:
    """Give the body's media type, one of those taken; anything encoded otherwise is refused with 415."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(415, "content_encoding_refused", field="Content-Encoding")
    kind, *parameters = request.headers.get("content-type", "").lower().split(";")
    if kind.strip() not in taken or any(
        parameter.strip() not in ("charset=utf-8", 'charset="utf-8"', "") for parameter in parameters
    ):
        raise Problem(415, "content_type_refused", field="Content-Type")
    return kind.strip()


def parse(body: bytes) -> Any:
    """Read one JSON document. Of two equal keys the last counts."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem(400, "json_invalid", field="body") from None


def validated(model: type[M], value: Any) -> M:
    """Take a parsed value as `model`."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from None


async def whole(request: Request) -> bytes:
    """Read the body; a sender that goes away in the middle of it sent nothing."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise Problem(400, "body_incomplete", field="body") from None


async def body_of(request: Request, model: type[M]) -> M:
    """Read a request's whole body as `model`."""
    media_type(request, JSON)
    return validated(model, parse(await whole(request)))


async def bounded(request: Request, limit: int) -> bytes:
    """Read a body of at most `limit` bytes; a longer one is refused unread where its length is announced."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise Problem(413, "body_too_large", field="body")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise Problem(413, "body_too_large", field="body")
    except ClientDisconnect:
        raise Problem(400, "body_incomplete", field="body") from None
    return bytes(body)


def described(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body in the OpenAPI document."""
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema_of(model)}}}}
