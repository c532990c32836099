"""What may stand in an address: how many, from where on, which. What is wrong is named, never quoted."""

import base64
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import Query
from pydantic import StringConstraints

from events.moments import read_moment
from events.runtime.problems import Problem

LARGEST = 2**63 - 1
"""PostgreSQL's largest bigint."""

Limit = Annotated[int, Query(ge=1, le=1000)]
Partition = Annotated[int, Query(ge=0, le=2**31 - 1)]
Cursor = Annotated[str | None, Query(max_length=500)]
ShortText = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A name to look for. Not every text is one: PostgreSQL holds no NUL."""


def written(*position: object) -> str:
    """Write where a page ended, for `position_in` to read."""
    return base64.urlsafe_b64encode(orjson.dumps(position, default=str)).decode().rstrip("=")


def position_in(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Read where a page ended, `kinds` being those of the position's parts; a cursor that was not ours is refused.

    Any part but an integer may be null if the page was ordered by something that may be missing.
    """
    if cursor is None:
        return None
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(parts, list):
            raise TypeError(parts)  # noqa: TRY301 - one way out for whatever is no cursor
        return tuple(_part(kind, part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, AttributeError):
        raise Problem(422, "cursor_invalid", field="cursor") from None


def _part(kind: type, part: Any) -> Any:
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
