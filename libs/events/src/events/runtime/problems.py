"""Errors as problem documents (RFC 9457): what is wrong, in which field, under which code; never what was sent."""

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, TypedDict, cast

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.responses import Response

from events.runtime import retry
from events.runtime.errors import DomainError
from events.runtime.logging import describe_error, logger
from events.runtime.openapi import Application

log = logger()

LONGEST_NAME = 64
"""No name of ours is longer."""

TITLES = {
    400: "The request cannot be read",
    401: "A valid key is needed",
    403: "This key may not do this",
    404: "There is nothing here",
    405: "This method is not offered here",
    408: "The request took too long to arrive",
    413: "The request is too large",
    414: "The address is too long",
    415: "The content type is not taken here",
    422: "The request is not valid",
    429: "Too many requests",
    431: "The headers are too large",
    500: "Something broke on our side",
    503: "Not able to answer now; try again",
}


class IdempotencyKeyReused(DomainError):
    """This idempotency key was used with another body."""

    code = "idempotency_key_reused"
    status = 422


Fault = Mapping[str, JsonValue]
"""What is wrong with one field: `field`, `code`, and advice where there is any."""


class ProblemDocument(TypedDict):
    """The body of an answer other than success (RFC 9457)."""

    type: str
    title: str
    status: int
    errors: list[Fault]


class Problem(HTTPException):
    """An answer other than success, from the web layer itself."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        title: str | None = None,
        where: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """State a problem; `where` says more of the error, such as its line and column."""
        super().__init__(status, code, dict(headers or {}))
        self.title = title
        self.where = dict(where or {})
        self.status = status
        self.code = code
        self.field = field


class BodyInvalid(Exception):
    """A body with faults, each in its field."""

    def __init__(self, errors: Sequence[Fault]) -> None:
        super().__init__()
        self.errors = errors


RETRY_LATER: Mapping[str, str] = {"Retry-After": "2"}


def build_problem(
    status: int,
    errors: Sequence[Fault] = (),
    *,
    title: str | None = None,
    extra: Mapping[str, JsonValue] | None = None,
) -> ProblemDocument:
    """Return a problem document, with further members in `extra`."""
    code = errors[0]["code"] if errors else "error"
    found = ProblemDocument(
        type=f"urn:baton:problem:{code}",
        title=title or TITLES.get(status, "The request failed"),
        status=status,
        errors=list(errors),
    )
    return cast("ProblemDocument", {**found, **(extra or {})})


def answer_with_problem(
    status: int,
    errors: Sequence[Fault] = (),
    *,
    title: str | None = None,
    extra: Mapping[str, JsonValue] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a problem document."""
    return Response(
        orjson.dumps(build_problem(status, errors, title=title, extra=extra)),
        status_code=status,
        media_type="application/problem+json",
        headers=dict(headers or {}),
    )


def list_faults(error: ValidationError | RequestValidationError, model: type[BaseModel] | None = None) -> list[Fault]:
    """Return each fault's field and code without quoting the input, with the legal values where they are a list.

    Names that the sender made up are not echoed: of a body that should be a `model` only its own field names are. What
    was probably meant is named in `did_you_mean`: a word of ours.
    """
    names = None if model is None else _collect_field_names(model)
    found: list[Fault] = []
    for fault in error.errors():
        where = [part for part in fault["loc"] if part not in ("body", "query", "path", "header")]
        if fault["type"] == "extra_forbidden":
            where = [*where[:-1], "?"]
        field = ".".join(_safe_field_name(part, names) for part in where) or "body"
        found.append({"field": field, "code": str(fault["type"]), **_suggest_values_for_fault(fault, names or ())})
    return found


def _suggest_values_for_fault(fault: ErrorDetails, names: Collection[str]) -> Fault:
    """Return the legal values of a choice, and which value or field was probably meant."""
    if fault["type"] == "extra_forbidden":
        return suggest_nearest(fault["loc"][-1], names)
    if fault["type"] not in {"literal_error", "enum"}:
        return {}
    legal = re.findall(r"'([^']*)'", str(fault["ctx"]["expected"]))
    return {"expected": legal, **suggest_nearest(fault["input"], legal)}


def suggest_nearest(meant: Any, legal: Collection[str]) -> dict[str, str]:
    """Return the legal name that is most like what was sent as `did_you_mean`, if one is near."""
    short = isinstance(meant, str) and len(meant) <= LONGEST_NAME
    near = get_close_matches(meant.lower(), sorted(legal), 1) if short else []
    return {"did_you_mean": near[0]} if near else {}


@lru_cache(maxsize=256)
def _collect_field_names(model: type[BaseModel]) -> frozenset[str]:
    """Return every field name in a model and in the models within it."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return frozenset(name for part in parts for name in part.get("properties", ()))


def _safe_field_name(part: Any, names: Collection[str] | None) -> str:
    text = str(part)
    ours = isinstance(part, int) or names is None or text in names
    return text if ours and text.isascii() and len(text) <= LONGEST_NAME and text.replace("_", "").isalnum() else "?"


def answer_domain_error(error: DomainError) -> Response:
    """Answer a domain error."""
    return answer_with_problem(error.status, error.errors, title=error.title, extra=error.extra)


def answer_expected_error(error: Exception) -> Response:
    """Return the answer to an error that a route raises on purpose; raise any other error again."""
    if isinstance(error, BodyInvalid):
        return answer_with_problem(422, error.errors)
    if isinstance(error, Problem):
        entry = {"field": error.field or "", "code": error.code, **error.where}
        return answer_with_problem(error.status, [entry], title=error.title, headers=error.headers)
    if isinstance(error, DomainError):
        return answer_domain_error(error)
    raise error


def install_error_handlers(app: Application) -> None:
    """Make every error of an application a problem document."""

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        found = list_faults(error)
        if any(fault["type"] == "json_invalid" for fault in error.errors()):
            return answer_with_problem(400, [{"field": "body", "code": "json_invalid"}])
        return answer_with_problem(422, found)

    @app.exception_handler(BodyInvalid)
    @app.exception_handler(DomainError)
    @app.exception_handler(Problem)
    async def refused(_: Request, error: Exception) -> Response:
        return answer_expected_error(error)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = TITLES.get(error.status_code, "error").lower().replace(" ", "_")
        headers = dict(error.headers or {})
        if error.status_code == 405:  # noqa: PLR2004 - Starlette names the methods of one route; an address may have several
            headers |= build_allow_header(app, request.url.path)
            if request.method == "OPTIONS" and headers:
                return Response(None, 204, headers)
        return answer_with_problem(error.status_code, [{"field": "", "code": code}], headers=headers)


def build_allow_header(app: Application, path: str) -> dict[str, str]:
    """Name every method that an address takes, where the application's document has it."""
    address = app.find_path(path)
    if address is None:
        return {}
    also = {"HEAD", "OPTIONS"} if "GET" in address.methods else {"OPTIONS"}
    return {"Allow": ", ".join(sorted(address.methods.keys() | also))}


def answer_unexpected(error: Exception) -> Response:
    """Answer what nobody expected: 503 for what passes (the database is away), else 500."""
    if retry.is_transient(error):
        log.warning("request_deferred", error=describe_error(error))
        return answer_with_problem(503, [{"field": "", "code": "unavailable"}], headers=RETRY_LATER)
    log.error("request_failed", error=describe_error(error))
    return answer_with_problem(500, [{"field": "", "code": "internal"}])
