"""Fields of a form that a browser sends as `multipart/form-data` (RFC 7578), as far as they are text."""

import re
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import NamedTuple

MULTIPART = "multipart/form-data"
LONGEST_TYPE = 500
"""Letters of a content type; a boundary has 70 at most."""
_NAME = re.compile(rb'(?:^|[;\s])name="([^"\r\n]*)"', re.IGNORECASE)
_FILE = re.compile(rb'(?:^|[;\s])filename="([^"\r\n]*)"', re.IGNORECASE)


class FormField(NamedTuple):
    """A field as bytes in the page's encoding. Of a file it is the file's name: what is in it is passed over."""

    name: bytes
    text: bytes


def parse_fields(content_type: str, body: bytes) -> list[FormField]:
    """Return the fields of a body in their order; none where it is not what the type says."""
    boundary = find_parameter(content_type, "boundary")
    if not boundary or not boundary.isascii():
        return []
    found = []
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        head, _, text = part.partition(b"\r\n\r\n")
        name, file = _NAME.search(head), _FILE.search(head)
        if name is not None:
            found.append(FormField(_unescape_name(name[1]), file[1] if file else text))
    return found


def find_parameter(content_type: str, name: str) -> str | None:
    """Return a parameter of a content type; None where it has none, or one that nobody can read."""
    if len(content_type) > LONGEST_TYPE:
        return None
    message = Message()
    message["content-type"] = content_type
    try:
        return collapse_rfc2231_value(message.get_param(name, "")) or None
    except ValueError:  # it names an encoding that decodes no text, or not this one
        return None


def _unescape_name(name: bytes) -> bytes:
    """Return a name without the escapes that browsers write (WHATWG)."""
    return name.replace(b"%22", b'"').replace(b"%0D", b"\r").replace(b"%0A", b"\n")
