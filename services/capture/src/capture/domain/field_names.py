"""What pages call their fields: the part of a name that says which field it is, without what builders put around it."""

import re
from collections.abc import Iterator

_WITHIN = re.compile(r"[\[\].$:]+")
"""What stands between a field and those that it is within: `contact[email]`, `ctl00$Main$txtEmail`."""
_NEUTRAL = frozenset(("value", "full", "number", "text", "content", "input", "main", "primary", "raw_value"))
"""Parts that do not say which field it is; the one around them does."""
_GENERATED = re.compile(
    r"^(?:et_pb_contact_|form[-_]field[-_]|(?:input|hs|cf|fld|txt|tb)[-_]?|q\d{1,3}_|name-\d{1,3}-)(?=[A-Za-z])"
    r"|[-_]?\d{1,3}$"
)
"""What builders of pages put around the name of a field: `et_pb_contact_email_0`, `q4_email4`, `name-1-first-name`."""


def possible_field_names(name: str) -> Iterator[str]:
    """Yield what may be the name of a page's field, the innermost part first; around it only where it says nothing."""
    parts = [part.strip() for part in _WITHIN.split(name) if part.strip()]
    for part in reversed(parts):
        if part.isdigit():
            continue
        yield part
        yield _GENERATED.sub("", part)
        if part.casefold() not in _NEUTRAL:
            return
