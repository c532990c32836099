"""Times as spreadsheets and event tools write them, in the order of day and month that the file has."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Order = Literal["dmy", "mdy", "ymd"]
"""Which of day, month and year stands first in a date of numbers."""

_DATE = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})(?=\D|$)", re.ASCII)
_CLOCK = re.compile(
    r"[T,\s]*(?:at\s+)?(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*([ap])?\.?m?\.?\s*(z|utc|gmt|[+-]\d\d:?\d\d)?",
    re.IGNORECASE | re.ASCII,
)
_NAMED = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(?:(\d{1,2})[.\s-]+([a-z]{3,9})|([a-z]{3,9})\s+(\d{1,2})),?[.\s-]+(\d{4})", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LAST_MONTH, _NOON, _CENTURY = 12, 12, 2000


def find_order(texts: Iterable[str]) -> Order | Literal["ambiguous"] | None:
    """Return the order that the dates of a column show.

    Returns:
        The order; `ambiguous` where day and month could be either in every one; None where no date leaves it open.
    """
    found: Order | Literal["ambiguous"] | None = None
    for text in texts:
        date = _DATE.match(text.strip())
        if date is None or len(date[1]) == 4:  # noqa: PLR2004 - a year
            continue
        if date[2] == "." or int(date[1]) > _LAST_MONTH:
            return "dmy"
        if int(date[3]) > _LAST_MONTH:
            return "mdy"
        if date[1] != date[3]:
            found = "ambiguous"
    return found


def read_time(text: str, order: Order | None, zone: ZoneInfo) -> datetime | None:
    """Return the instant (UTC) that a cell names, None where it names none.

    Args:
        text: A date, with or without a time of day and a zone; without a time of day it is midnight.
        order: What stands first in a date of numbers, None for the year alone.
        zone: The zone of times that name none.
    """
    text = text.strip()
    found = _numbers(text, order) or _written_month(text)
    if found is None:
        return None
    (year, month, day), rest = found
    clock = _CLOCK.fullmatch(rest.strip()) if rest.strip() else None
    if rest.strip() and clock is None:
        return None
    try:
        return _instant(datetime(year, month, day, tzinfo=zone), clock)
    except (ValueError, OverflowError):
        return None


def _instant(day: datetime, clock: re.Match[str] | None) -> datetime:
    if clock is None:
        return day.astimezone(UTC)
    hour, half = int(clock[1]), (clock[4] or "").lower()
    if half:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    at = day.replace(hour=hour, minute=int(clock[2]), second=int(clock[3] or 0))
    zone = (clock[5] or "").lower()
    if zone in ("z", "utc", "gmt"):
        return at.replace(tzinfo=UTC)
    if zone:
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        return at.replace(tzinfo=UTC) - (offset if zone[0] == "+" else -offset)
    return at.astimezone(UTC)


def _numbers(text: str, order: Order | None) -> tuple[tuple[int, int, int], str] | None:
    date = _DATE.match(text)
    if date is None:
        return None
    first, middle, last = int(date[1]), int(date[3]), int(date[4])
    rest = text[date.end() :]
    if len(date[1]) == 4:  # noqa: PLR2004 - a year
        return (first, middle, last), rest
    year = last if last > 99 else _CENTURY + last  # noqa: PLR2004 - of two digits
    if date[2] == "." or order == "dmy":
        return (year, middle, first), rest
    if order == "mdy":
        return (year, first, middle), rest
    return ((year, middle, first), rest) if first == middle else None


def _written_month(text: str) -> tuple[tuple[int, int, int], str] | None:
    date = _NAMED.match(text)
    name = (date[2] or date[3]).lower()[:3] if date else ""
    if date is None or name not in _MONTHS:
        return None
    return (int(date[5]), _MONTHS.index(name) + 1, int(date[1] or date[4])), text[date.end() :]
