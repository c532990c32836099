"""Bodies read strictly and lists read page by page; what is wrong is named, never quoted."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from events.runtime.problems import Problem

M = TypeVar("M", bound=BaseModel)

Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=400)]


async def body_of(request: Request, model: type[M]) -> M:
    """Read a JSON body as `model`."""
    kind, *parameters = request.headers.get("content-type", "").lower().split(";")
    charsets = {parameter.strip() for parameter in parameters} - {"charset=utf-8", 'charset="utf-8"', ""}
    if kind.strip() != "application/json" or charsets:
        raise Problem(415, "content_type_refused", field="Content-Type")
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from None


def described(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body in the OpenAPI document."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def answer(body: Any, status: int = 200) -> Response:
    """Answer with JSON; times in RFC 3339."""
    return Response(orjson.dumps(body, default=str), status, media_type="application/json")


def page(items: Sequence[dict[str, Any]], limit: int, key: Sequence[str]) -> Response:
    """Answer with a page of a list that was asked for one item more than shown; `key` orders it."""
    shown = list(items[:limit])
    following = _written([shown[-1][name] for name in key]) if len(items) > limit else None
    return answer({"items": shown, "next": following})


def page_of(items: Sequence[dict[str, Any]], limit: int, after: Sequence[Any] | None, name: str) -> Response:
    """Answer with a page of a list that is small and known as a whole, by name."""
    rest = items
    if after is not None:
        names = [item[name] for item in items]
        if after[0] not in names:
            raise Problem(422, "cursor_invalid", field="cursor")
        rest = items[names.index(after[0]) + 1 :]
    return page(rest, limit, [name])


def _written(key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key, default=str)).decode().rstrip("=")


def read(cursor: str | None, kinds: Sequence[type]) -> list[Any] | None:
    """Read where a page begins; `kinds` are those of the key's parts."""
    if cursor is None:
        return None
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_part(kind, part) for kind, part in zip(kinds, parts, strict=True)]
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise Problem(422, "cursor_invalid", field="cursor") from None


def _part(kind: type, part: Any) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(part)
    if isinstance(part, kind):
        return part
    return kind(part)
