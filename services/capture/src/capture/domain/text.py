"""What a line of text and a link may be. Refusals carry a code and never what was sent."""

import re
import unicodedata
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Strict, StringConstraints
from pydantic_core import PydanticCustomError

LONGEST_LINE = 200
LONGEST_URL = 2_000
LONGEST_TEXT = 10_000

_OTHER_SCHEME = re.compile(r"\s*(javascript|data|vbscript|file|blob|about):", re.IGNORECASE)


def _has_control_character(text: str, allowed: str = "") -> bool:
    return any(
        unicodedata.category(letter) == "Cc" and letter not in allowed for letter in text if not letter.isprintable()
    )


def normalize_line(text: str, allowed: str = "") -> str:
    """Compose the letters (NFC) and refuse control characters other than `allowed`."""
    if text.isascii():
        if text.isprintable():
            return text
    else:
        text = unicodedata.normalize("NFC", text)
    if _has_control_character(text, allowed):
        raise PydanticCustomError("control_character", "Control characters are not taken.")
    return text


def _validate_line(text: str) -> str | None:
    return normalize_line(text) or None


def _validate_multiline_text(text: str) -> str | None:
    return normalize_line(text, allowed="\t\n\r") or None


def read_url(text: str) -> str:
    """Take a web address: http or https, with a host, without credentials."""
    text = normalize_line(text)
    try:
        parts = urlsplit(text)
        taken = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        taken = False
    if not taken or len(text) > LONGEST_URL or " " in text:
        raise PydanticCustomError("url_refused", "Not a plain web address.")
    return text


def _validate_referrer(text: str) -> str | None:
    """Take a person's name or a web address."""
    found = _validate_line(text)
    if found and ("://" in found or _OTHER_SCHEME.match(found)):
        return read_url(found)
    if found and len(found) > LONGEST_LINE:
        raise PydanticCustomError("string_too_long", "Longer than 200 characters.")
    return found


Line = Annotated[
    str,
    Strict(),
    StringConstraints(strip_whitespace=True, max_length=LONGEST_LINE),
    AfterValidator(_validate_line),
]
"""One line of text, composed (NFC), without control characters; an empty one counts as not given."""

Title = Annotated[
    str,
    Strict(),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_LINE),
    AfterValidator(normalize_line),
]
"""One line that must say something."""

PostalCode = Annotated[
    str,
    Strict(),
    StringConstraints(strip_whitespace=True, max_length=16),
    AfterValidator(_validate_line),
]
Referrer = Annotated[
    str, Strict(), StringConstraints(strip_whitespace=True, max_length=LONGEST_URL), AfterValidator(_validate_referrer)
]
PlaybookName = Annotated[str, Strict(), StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A name from the playbook."""

Token = Annotated[str, Strict(), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/ -]{0,99}$")]
"""A name that somebody else's system gave: a purpose, a version of a wording."""

Text = Annotated[
    str,
    Strict(),
    StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT),
    AfterValidator(_validate_multiline_text),
]
"""Text of several lines."""

Url = Annotated[str, Strict(), StringConstraints(strip_whitespace=True), AfterValidator(read_url)]
