"""How every service writes an answer: JSON, with ids and times as the events write them."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel
from starlette.responses import Response

from events.parts import Part
from events.runtime.bodies import JSON


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer with this body. Times are in RFC 3339; what is no JSON by itself is written as text."""
    return Response(orjson.dumps(body, default=_plain), status, headers, JSON)


def _plain(value: object) -> Any:
    if isinstance(value, Part):
        return value.as_json()
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)
