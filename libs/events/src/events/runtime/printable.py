"""Text as PostgreSQL, JSON and a terminal take it, made of whatever bytes came."""

MOST = 200
REPLACED = "\ufffd"


def make_printable(value: bytes | str, most: int = MOST) -> str:
    """Return at most `most` characters of a text, each that is not printable (NUL, half a surrogate) replaced."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else value
    cut = text[:most]
    return cut if cut.isprintable() else "".join(each if each.isprintable() else REPLACED for each in cut)
