"""A point in time as somebody from outside writes it: RFC 3339 with a zone, of this century; held in UTC.

Stricter than what an event may carry: a number, a bare day or the year 1 from outside is a mistake, and a time near the
calendar's ends cannot be moved to UTC at all.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def read_moment(value: object) -> datetime:
    """Read an RFC 3339 time with a zone; gives UTC."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise PydanticCustomError("time_malformed", "Not an RFC 3339 time with a zone.")
    try:
        at = datetime.fromisoformat(value.upper())
    except ValueError:
        raise PydanticCustomError("time_malformed", "No such time.") from None
    if not EARLIEST_YEAR <= at.year < LATEST_YEAR:
        raise PydanticCustomError("time_implausible", "Not a time of this century.")
    return at.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(read_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
"""A point in time with a zone, held in UTC."""
