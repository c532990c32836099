"""What may stand in an address: how many, from where on, which. What is wrong is named, never quoted."""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import Query
from pydantic import JsonValue, StringConstraints

from events.moments import read_moment
from events.runtime.problems import Problem, suggest_nearest

LARGEST = 2**63 - 1
"""PostgreSQL's largest bigint."""

Limit = Annotated[int, Query(ge=1, le=1000)]
Partition = Annotated[int, Query(ge=0, le=2**31 - 1)]
Cursor = Annotated[str | None, Query(max_length=500)]
ShortText = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A name to look for. Not every text is one: PostgreSQL holds no NUL."""
PAGING = {"limit": frozenset({"integer"}), "cursor": frozenset({"string"})}
"""Taken by every list, also by one that is short enough to come whole."""
_SPELLINGS = {
    "integer": (re.compile(r"0|-?[1-9][0-9]*"), "int_parsing"),
    "boolean": (re.compile(r"true|false"), "bool_parsing"),
    "string": (re.compile(r"\s*\S.*", re.DOTALL), "string_too_short"),
}
"""How a value of a kind is written, and the code of any other spelling."""


def check_parameters(pairs: Sequence[tuple[str, str]], taken: Mapping[str, frozenset[str]]) -> None:
    """Refuse a query that could mean something else to whoever wrote it (ADR 0081).

    Args:
        pairs: Names and values, as they stand in the query.
        taken: What the operation takes: each parameter's kinds of value (`integer`, `boolean`, `string`); none of a
            choice, which its own check names.

    Raises:
        Problem: 422, a name that the operation does not take, a name twice, a number or truth value in a spelling of
            its own (`0.0`, `1_0`, `yes`), a text without a letter.

    """
    known = {**PAGING, **taken}
    seen = set()
    for name, _ in pairs:
        if name not in known:
            advice: Mapping[str, JsonValue] = {"expected": [*sorted(taken)], **suggest_nearest(name, taken)}
            raise Problem(422, "unknown_parameter", field="query", where=advice)
        if name in seen:
            raise Problem(422, "repeated_parameter", field=name)
        seen.add(name)
    for name, value in pairs:
        spellings = [_SPELLINGS[kind] for kind in sorted(known[name]) if kind in _SPELLINGS]
        if spellings and not any(form.fullmatch(value) for form, _ in spellings):
            raise Problem(422, spellings[0][1], field=name)


def write_cursor(*position: object) -> str:
    """Write where a page ended, for `read_cursor` to read."""
    return base64.urlsafe_b64encode(orjson.dumps(position, default=str)).decode().rstrip("=")


def read_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Read where a page ended, `kinds` being those of the position's parts; a cursor that was not ours is refused.

    Any part but an integer may be null if the page was ordered by something that may be missing.
    """
    if cursor is None:
        return None
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(parts, list):
            raise TypeError(parts)  # noqa: TRY301 - one way out for whatever is no cursor
        return tuple(_check_cursor_part(kind, part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, AttributeError):
        raise Problem(422, "cursor_invalid", field="cursor") from None


def _check_cursor_part(kind: type, part: Any) -> Any:
    if kind is int:
        if type(part) is int and -LARGEST <= part <= LARGEST:
            return part
    elif part is None:
        return None
    elif kind is datetime:
        return read_moment(part)
    elif kind is not str:
        return kind(part)
    elif isinstance(part, str) and "\0" not in part:
        return part
    raise ValueError(kind)
