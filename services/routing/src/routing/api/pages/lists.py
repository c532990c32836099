"""Lists page by page."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from events.runtime.json_answers import json_answer
from events.runtime.problems import Problem
from events.runtime.queries import write_cursor
from events.runtime.rows import Row


def answer_with_list_page(items: Sequence[Row], limit: int, key: Sequence[str]) -> Response:
    """Answer with a page of a list that was asked for one item more than shown; `key` orders it."""
    shown = list(items[:limit])
    following = write_cursor(*(getattr(shown[-1], name) for name in key)) if len(items) > limit else None
    return json_answer({"items": shown, "next": following})


def answer_page_by_name(items: Sequence[Row], limit: int, after: Sequence[Any] | None, name: str) -> Response:
    """Answer with a page of a list that is small and known as a whole, by name."""
    rest = items
    if after is not None:
        names = [getattr(item, name) for item in items]
        if after[0] not in names:
            raise Problem(422, "cursor_invalid", field="cursor")
        rest = items[names.index(after[0]) + 1 :]
    return answer_with_list_page(rest, limit, [name])
