"""In which language a page answers: that of its address, else the first of the browser's that there is."""

import re
from collections.abc import Sequence

_ENTRY = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*)?")


def choose_language(offered: Sequence[str], asked: str, accepted: str) -> str:
    """Return one of the languages `offered`, the first where none is wanted.

    Args:
        offered: Tags such as `de` or `pt-BR`, at least one.
        asked: The tag that the address names, or "".
        accepted: The browser's `Accept-Language` (RFC 9110), whatever it holds.
    """
    wanted = [match for part in accepted.split(",")[:20] if (match := _ENTRY.fullmatch(part))]
    wanted.sort(key=lambda match: -float(match[2] or 1))
    tags = [asked, *(match[1] for match in wanted if float(match[2] or 1) > 0)]
    return next((found for tag in tags if (found := _match_offered_language(offered, tag.casefold()))), offered[0])


def _match_offered_language(offered: Sequence[str], tag: str) -> str | None:
    """Return the language of a tag, or else one that shares its first part."""
    exact = next((each for each in offered if each.casefold() == tag), None)
    near = (each for each in offered if each.casefold().partition("-")[0] == tag.partition("-")[0])
    return exact or next(near, None)
