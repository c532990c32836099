"""Files that are no lists: what somebody sends who means the list within."""

from filereader.header import HeaderMissing

_WORKBOOK = "workbook"
_BEGINNINGS = (
    (b"pk\x03\x04", _WORKBOOK),
    (b"\xd0\xcf\x11\xe0", _WORKBOOK),
    (b"%pdf-", "pdf"),
    (b"\x1f\x8b", "archive"),
    (b"{\\rtf", "document"),
    (b"<!doctype", "page"),
    (b"<html", "page"),
    (b"<table", "page"),
    (b"<?xml", "page"),
    (b"[{", "json"),
    (b'{"', "json"),
    (b"begin:vcard", "cards"),
)
"""How such files begin, in small letters: spreadsheets and documents are archives (PKWARE) or compound files."""


class NotAList(HeaderMissing):
    """A file is of another kind: `workbook`, `pdf`, `archive`, `document`, `page`, `json` or `cards`."""

    def __init__(self, kind: str) -> None:
        super().__init__(1, f"it is no list but of another kind ({kind}): save the list in it as CSV")
        self.kind = kind


def detect_foreign_kind(sample: bytes) -> str | None:
    """Return what a file is that is no list, by its first bytes; None where it may be one."""
    start = sample.removeprefix(b"\xef\xbb\xbf").lstrip()[:16].lower()
    return next((kind for beginning, kind in _BEGINNINGS if start.startswith(beginning)), None)
