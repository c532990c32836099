"""Read a body strictly: JSON (one document, UTF-8, no NaN, no NUL) or a form; what is wrong is named, not quoted."""

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaMode
from starlette.requests import ClientDisconnect

from events.parts import JsonObject
from events.runtime.multipart import MULTIPART, FormField, parse_fields
from events.runtime.problems import BodyInvalid, Problem, list_faults

M = TypeVar("M", bound=BaseModel)

JSON = "application/json"
NDJSON = "application/x-ndjson"
FORM = "application/x-www-form-urlencoded"
LONGEST_LENGTH = 18
"""Digits of a Content-Length."""

Responses = dict[int | str, dict[str, Any]]
"""What an operation answers, by status, for the OpenAPI document."""
OPEN_TO_ALL: JsonDict = {"security": []}
"""Describes an operation that takes no key."""


def describe_answer(*kinds: str, says: str = "The answer") -> Responses:
    """Describe an answer that is not JSON alone, in the OpenAPI document; what is no JSON is text."""
    content = {kind: {} if kind == JSON else {"schema": {"type": "string"}} for kind in kinds}
    return {200: {"description": says, "content": content}}


def describe_lines(model: type[BaseModel], *kinds: str, says: str = "A line of JSON each") -> Responses:
    """Describe an answer of one JSON document a line, each as `model` says; `kinds` are other forms of the same."""
    lines = {NDJSON: {"schema": build_inline_schema(model, "serialization")}}
    return {200: {"description": says, "content": describe_answer(*kinds)[200]["content"] | lines}}


def check_media_type(request: Request, *taken: str, any_charset: bool = False) -> str:
    """Return the body's media type, one of those taken; any other encoding is refused with 415, unless it may be."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(415, "content_encoding_refused", field="Content-Encoding")
    kind, *parameters = request.headers.get("content-type", "").lower().split(";")
    others = [each for each in map(str.strip, parameters) if each not in ("charset=utf-8", 'charset="utf-8"', "")]
    if kind.strip() not in taken or (
        others and not (any_charset and all(each.startswith("charset=") for each in others))
    ):
        raise Problem(415, "content_type_refused", field="Content-Type")
    return kind.strip()


def parse_json(body: bytes) -> Any:
    """Read one JSON document. Of two equal keys the last counts."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem(400, "json_invalid", field="body") from None


def validate_as(model: type[M], value: Any) -> M:
    """Take a parsed value as `model`."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise BodyInvalid(list_faults(error, model)) from None


def parse_json_as(model: type[M], body: bytes) -> M:
    """Read one JSON document as `model`; a NUL that no field minded is refused, for PostgreSQL holds none."""
    value = parse_json(body)
    found = validate_as(model, value)
    if b"\\u0000" in body and _contains_nul(value):
        raise Problem(422, "control_character", field="body")
    return found


def _contains_nul(value: Any) -> bool:
    """Look into every text and every name; without recursion, for the sender chooses the depth."""
    parts = [value]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            parts += [*part, *part.values()]
        elif isinstance(part, list):
            parts += part
        elif isinstance(part, str) and "\0" in part:
            return True
    return False


async def read_body(request: Request) -> bytes:
    """Read the body; a sender that goes away in the middle of it sent nothing."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise Problem(400, "body_incomplete", field="body") from None


def exceeds_limit(length: str | bytes, limit: int) -> bool:
    """Return whether a Content-Length is more than `limit`. Its digits may be more than Python reads as a number."""
    return len(length) > LONGEST_LENGTH or int(length) > limit


async def read_body_within(request: Request, limit: int) -> bytes:
    """Read a body of at most `limit` bytes, where the service's own limit does not hold; unread if announced larger."""
    if exceeds_limit(request.headers.get("content-length", "0"), limit):
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


async def read_and_keep_body(request: Request, limit: int) -> bytes:
    """Read a body of at most `limit` bytes that is read once more, as a stream or whole, by whoever comes after."""
    request._body = await read_body_within(request, limit)  # noqa: SLF001 - where `Request.body()` itself keeps it
    return request._body  # noqa: SLF001


async def read_body_as(request: Request, model: type[M]) -> M:
    """Read a request's whole body as `model`."""
    check_media_type(request, JSON)
    return parse_json_as(model, await read_body(request))


async def read_form_pairs(
    request: Request, most: int, encodings: Sequence[str] = ("utf-8",), *, any_page: bool = False
) -> tuple[bytes, list[tuple[str, str]]]:
    """Return the body of a form as a browser sends it, and its fields in their order.

    Args:
        request: Its body is `application/x-www-form-urlencoded`.
        most: How many fields at most.
        encodings: What its text may be written in, the likeliest first; old pages know no UTF-8.
        any_page: Whether the page is somebody else's: it may be `multipart/form-data` too, and name a charset.

    Raises:
        Problem: 415, another type; 400 `form_invalid`, nothing that a browser sends.

    """
    written = request.headers.get("content-type", "")
    if (
        any_page
        and written.lower().partition(";")[0].strip() == MULTIPART
        and "content-encoding" not in request.headers
    ):
        body = await read_body(request)
        return body, _decode_form_fields(parse_fields(written, body), most, encodings)
    check_media_type(request, FORM, any_charset=any_page)
    body = await read_body(request)
    for encoding in encodings:
        try:
            return body, parse_qsl(
                body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), encoding=encoding,
                errors="strict", max_num_fields=most,
            )  # fmt: skip
        except UnicodeDecodeError:
            continue
        except ValueError:
            break
    raise Problem(400, "form_invalid", field="body")


def _decode_form_fields(fields: Sequence[FormField], most: int, encodings: Sequence[str]) -> list[tuple[str, str]]:
    if not fields:
        raise Problem(415, "content_type_refused", field="Content-Type")
    if len(fields) > most:
        raise Problem(400, "form_invalid", field="body")
    for encoding in encodings:
        try:
            return [(name.decode(encoding), text.decode(encoding)) for name, text in fields]
        except UnicodeDecodeError:
            continue
    raise Problem(400, "form_invalid", field="body")


def describe_body(model: type[BaseModel]) -> JsonObject:
    """Describe a body in the OpenAPI document."""
    return {"requestBody": {"required": True, "content": {JSON: {"schema": build_inline_schema(model)}}}}


IDEMPOTENCY_KEY: JsonDict = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 200},
}  # fmt: skip


def describe_repeatable_body(model: type[BaseModel]) -> JsonObject:
    """Describe a body of an operation that takes an `Idempotency-Key`, which it reads for itself."""
    return describe_body(model) | {"parameters": [IDEMPOTENCY_KEY]}


def build_inline_schema(model: type[BaseModel], mode: JsonSchemaMode = "validation") -> dict[str, Any]:
    """Return a model's JSON Schema with its parts in place, to stand anywhere in an OpenAPI document."""
    schema = model.model_json_schema(mode=mode)
    parts = schema.pop("$defs", {})

    def inline(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return inline(parts[node["$ref"].rsplit("/", 1)[-1]])
            return {name: inline(part) for name, part in node.items()}
        return [inline(part) for part in node] if isinstance(node, list) else node

    inlined: dict[str, Any] = inline(schema)
    return inlined
