"""How every service writes an answer: JSON, with ids and times as the events write them."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel
from starlette.responses import Response

from events.parts import Part
from events.runtime.bodies import JSON
from events.runtime.rows import Row


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer with this body. Times are in RFC 3339; what is no JSON by itself is written as text."""
    return Response(encode_json(body), status, headers, JSON)


def encode_json(body: Any) -> bytes:
    """Write a body as JSON: rows as objects of their columns, times in RFC 3339, what is no JSON by itself as text."""
    return orjson.dumps(body, default=_to_json_value)


def _to_json_value(value: object) -> Any:
    if isinstance(value, Row):
        return value.as_dict()
    if isinstance(value, Part):
        return value.as_json()
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)
