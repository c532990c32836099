"""From arguments to a request, and from an answer to what its model says; the same for both kinds of client."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from baton_client.errors import AnswerUnreadable, Refused

JSON = "application/json"
LINES = "application/x-ndjson"


def fill_path(template: str, **parts: object) -> str:
    """Return an address with its parts in place, each of them escaped."""
    return template.format(**{name: quote(_text(value), safe="") for name, value in parts.items()})


def build_query(**values: object) -> dict[str, str]:
    """Return the parameters that were given, as a query has them."""
    return {name: _text(value) for name, value in values.items() if value is not None}


def build_headers(idempotency_key: str | None, accept: str = JSON) -> dict[str, str]:
    """Return the headers of a request."""
    return {"Accept": accept} | ({} if idempotency_key is None else {"Idempotency-Key": idempotency_key})


def encode_json(body: object) -> bytes:
    """Write a body as JSON."""
    return to_json(body)


def encode_json_lines(items: Iterable[Mapping[str, Any]]) -> bytes:
    """Write one JSON document a line."""
    return b"".join(to_json(item) + b"\n" for item in items)


def read_body_as(answer: httpx.Response, kind: Any) -> Any:
    """Read the body of an answer as `kind`; fields that this client does not know are left out.

    Raises:
        AnswerUnreadable: The body is none.
    """
    return _read(answer.content, kind)


def read_line_as(line: str, kind: Any) -> Any:
    """Read a line of an answer as `kind`; raises `AnswerUnreadable`."""
    return _read(line, kind)


def _read(text: bytes | str, kind: Any) -> Any:
    try:
        return _adapter(kind).validate_json(text)
    except ValidationError as error:
        where = sorted({".".join(map(str, each["loc"])) or "the body" for each in error.errors(include_input=False)})
        raise AnswerUnreadable(f"what answers there is not the service expected: {', '.join(where[:5])}") from None


def raise_unless_success(answer: httpx.Response) -> httpx.Response:
    """Return an answer that is a success.

    Raises:
        Refused: It is none.
    """
    if answer.is_success or answer.is_redirect:
        return answer
    raise Refused(str(answer.request.url.copy_with(query=None)), answer.status_code, _problem(answer.content))


def _problem(content: bytes) -> dict[str, Any]:
    try:
        found = from_json(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
