"""Answers in JSON, and lists page by page."""

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.responses import Response

from events.runtime.bodies import JSON
from events.runtime.problems import Problem
from events.runtime.queries import written


def answer(body: Any, status: int = 200) -> Response:
    """Answer with JSON; times in RFC 3339."""
    return Response(orjson.dumps(body, default=str), status, media_type=JSON)


def page(items: Sequence[dict[str, Any]], limit: int, key: Sequence[str]) -> Response:
    """Answer with a page of a list that was asked for one item more than shown; `key` orders it."""
    shown = list(items[:limit])
    following = written(*(shown[-1][name] for name in key)) if len(items) > limit else None
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
