"""Times as spreadsheets and event tools write them, in the order of day and month that the file has."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from capture.domain.months import parse_month
from events.names import fold_case_and_accents

Order = Literal["dmy", "mdy", "ymd"]
"""Which of day, month and year stands first in a date of numbers."""

_DATE = re.compile(
    r"(?=\d{4}|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d\d)(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?=\D|$)",
    re.ASCII,
)
"""Three numbers; a day alone at the end may have one digit, a year not."""
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[t\s_-]?(\d\d)(\d\d)(\d\d)?)?(?=\D|$)", re.ASCII)
_CLOCK = re.compile(
    r"[t,\s_:]*(?:-\s+)?(?:(?:at|um|a|las|as|alle|ore|om|klo|kl\.?|de)\s+)*(\d{1,2})(?:\s?[:.h-]\s?(\d\d)?)?(?:[:.-](\d\d)(?:[.,]\d+)?)?"
    r"\s*(?:(?:uhr|uur|hs|hrs|h|std)\b\.?\s*)?(?:([ap])\.?\s?m?\.?(?=\s|$|\())?\s*[(\[]?"
    r"(z|(?:utc|gmt)?\s?[+-]\d{1,2}(?::?\d\d)?|[a-z]{3,4}|[a-z_]{2,16}/[a-z_]{2,20}(?:/[a-z_]{2,20})?)?[)\]]?"
    r"(?:\s*[(\[][a-z /+_:\d-]+[)\]]|(?<=[)\]])\s+[a-z ,]+)?",
    re.ASCII,
)
"""A time of day behind a date; folded."""
_FIRST_CLOCK = re.compile(r"(\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?\s?m\.?(?=\s|,))?)[,\s]+(.+)", re.ASCII)
"""A time of day before the date; folded."""
_IN_BETWEEN = re.compile(
    r"(?:[a-z]{3}\s)?([a-z]{3}\s+\d{1,2})\s+(\d\d:\d\d(?::\d\d)?)\s+((?:[a-z]{3,4}|[+-]\d{4})\s+)?(\d{4})", re.ASCII
)
"""A date around the time of day, as `date` and C's `ctime` write it; folded."""
_DAY_OF_WEEK = re.compile(r"([a-z]{2,10})[.,]{0,2}\s+(?:den\s+)?(?=\d)")
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
"""The marks behind year, month and day."""
_EAST_ASIAN_CLOCK = re.compile(r"(\d{1,2})\s?[시時时点點]\s?(?:(\d{1,2})\s?[분分])?(?:\s?\d{1,2}\s?[초秒])?")
_EAST_ASIAN_HALF = re.compile(r"(?:(오전|上午|午前|凌晨)|오후|下午|午後|晚上)\s?(\d{1,2}:\d\d(?::\d\d)?)")
"""A time of day, behind the half of the day that it counts in."""
_YEAR_FIRST = re.compile(r"^(\d{4})[\s./-]+([^\W\d_]{3,14})\.?[\s/-]+(\d{1,2})(?=\D|$)")
_OF_YEAR = re.compile(r"(?:(?:[\u0433\u0440r]|год|года|року|roku)\b)?[.,\s]+")
"""What some languages put behind a year or a day of numbers; folded."""
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
_NAMED = re.compile(
    r"(?:[a-z]{2,10}[.,]*\s+)?(?:(\d{1,2})(?:er|st|nd|rd|th|º)?[./\s-]*(?:(?:de|of)\s+)?([^\W\d_]{3,14})[.,]*[./\s-]*"
    r"|([^\W\d_]{3,14})(?:\.?\s+|-)(\d{1,2})(?:st|nd|rd|th)?[.,]*[./\s-]+)(?:del?\s+)?(\d{4}|\d\d(?![\d:h]))"
)
"""A date whose month is written out; folded."""
_ZONES = {
    name: timedelta(hours=hours)
    for hours, names in {
        0: "z utc gmt wet", 1: "cet west mez", 2: "cest eet mesz", 3: "eest", -4: "edt", -5: "est cdt", -6: "cst mdt",
        -7: "mst pdt", -8: "pst",
    }.items()
    for name in names.split()
}  # fmt: skip
"""Zones by the names that mean one of them alone (those of America by RFC 5322)."""
_UNTIL = re.compile(r"\s+(?:-|bis|to|until|a|al|as|tot)\s+\d{1,2}[:.h]\d\d(?:\s?[ap]\.?m\.?)?(?:\s?uhr)?$", re.ASCII)
"""When what began ended; folded."""
_DAYS = re.compile(r"\d{5}(?:[.,]\d{1,12})?", re.ASCII)
"""Days since the spreadsheets' first one, for a date whose format was lost."""
_FIRST_DAY, _OLDEST, _NEWEST = datetime(1899, 12, 30), 36_526, 73_050  # noqa: DTZ001 - a day of a spreadsheet has no zone
_EPOCH = re.compile(r"(?:/date\()?(1\d{9})(\d{3})?(?:\d{3})?(?:[.,]\d{1,6})?(?:[+-]\d{4})?(?:\)/)?", re.ASCII)
"""Seconds since 1970, with their thousandths and millionths; folded."""
_LAST_MONTH, _NOON, _CENTURY, _SHORT_YEAR = 12, 12, 2000, 100
_FIRST_YEAR = 1971
"""Before it stands what programs write for no time: their first day, `01.01.0001` or `1970-01-01`."""


def find_date_order(texts: Iterable[str]) -> Order | Literal["ambiguous"] | None:
    """Return the order that the dates of a column show.

    Returns:
        The order; `ambiguous` where day and month could be either in every one; None where no date leaves it open.
    """
    found: Order | Literal["ambiguous"] | None = None
    for text in texts:
        date = _DATE.match(_move_date_to_front(text))
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
    text = _move_date_to_front(text)
    if compact := _COMPACT.match(text):
        year, month, day, *clock = compact.groups()
        text = f"{year}-{month}-{day} {':'.join(filter(None, clock))}{text[compact.end() :]}"
    found = _parse_numeric_date(text, order) or _parse_date_with_month_name(text)
    if found is None:
        return _parse_serial_date(text, zone)
    date, rest = found[0], _UNTIL.sub("", found[1].strip())
    rest = rest[behind.end() :] if (behind := _OF_YEAR.match(rest + " ")) else rest
    at = _CLOCK.fullmatch(rest) if rest else None
    if date[0] < _FIRST_YEAR or (rest and (at is None or not (at[2] or at[4] or "h" in rest))):
        return None
    try:
        return _combine_date_and_clock(datetime(*date, tzinfo=zone), at)
    except (ValueError, OverflowError):
        return None


def _move_date_to_front(text: str) -> str:
    """Return a time folded and with its date in front, without the day of the week and the marks of East Asia."""
    text = text if text.isascii() else "".join(str(unicodedata.decimal(letter, letter)) for letter in text)
    text = text if text.isascii() else _without_east_asian_marks(text)
    text = fold_case_and_accents(text.translate(_DASHES)).strip().lstrip("'")
    if around := _IN_BETWEEN.fullmatch(text):
        return f"{around[1]} {around[4]} {around[2]} {around[3] or ''}".strip()
    if (weekday := _DAY_OF_WEEK.match(text)) and parse_month(weekday[1]) is None:
        text = text[weekday.end() :]
    first = _FIRST_CLOCK.fullmatch(text)
    return f"{first[2]} {first[1]}" if first else text


def _without_east_asian_marks(text: str) -> str:
    """Return a time of East Asia without its marks, the half of the day behind the hour."""
    text = _EAST_ASIAN_CLOCK.sub(lambda at: f"{at[1]}:{int(at[2] or 0):02}", _EAST_ASIAN.sub(r"\1-\2-\3 ", text))
    return _EAST_ASIAN_HALF.sub(lambda at: f"{at[2]} {'am' if at[1] else 'pm'}", text).strip()


def _parse_serial_date(text: str, zone: ZoneInfo) -> datetime | None:
    """Read a count of days as spreadsheets keep dates, or one of (milli)seconds since 1970."""
    if epoch := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(epoch[1]) + int(epoch[2] or 0) / 1_000, UTC)
    if not _DAYS.fullmatch(text) or not _OLDEST <= (days := float(text.replace(",", "."))) <= _NEWEST:
        return None
    at = _FIRST_DAY + timedelta(seconds=round(days * 86_400))
    return at.replace(tzinfo=zone).astimezone(UTC)


def _combine_date_and_clock(day: datetime, clock: re.Match[str] | None) -> datetime:
    """Return the instant of a time of day; raises `ValueError` where there is none."""
    if clock is None:
        return day.astimezone(UTC)
    hour, half = int(clock[1]), clock[4]
    if half:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    at = day.replace(hour=hour, minute=int(clock[2] or 0), second=int(clock[3] or 0))
    zone = (clock[5] or "").removeprefix("utc").removeprefix("gmt").strip() or clock[5]
    if not zone:
        return at.astimezone(UTC)
    if zone[0] in "+-":
        hours, minutes = re.fullmatch(r"(\d\d?):?(\d\d)?", zone[1:]).groups()  # type: ignore[union-attr]  # as _CLOCK has it
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return at.replace(tzinfo=UTC) - (offset if zone[0] == "+" else -offset)
    if "/" in zone:
        return at.replace(tzinfo=_parse_zone(zone)).astimezone(UTC)
    if zone not in _ZONES:
        raise ValueError("an unknown zone")
    return at.replace(tzinfo=UTC) - _ZONES[zone]


@cache
def _zone_names_by_folded_name() -> dict[str, str]:
    return {fold_case_and_accents(name): name for name in available_timezones()}


def _parse_zone(name: str) -> ZoneInfo:
    """Return a zone by its folded name; raises `ValueError` where there is none."""
    if name not in _zone_names_by_folded_name():
        raise ValueError("an unknown zone")
    return ZoneInfo(_zone_names_by_folded_name()[name])


def _parse_numeric_date(text: str, order: Order | None) -> tuple[tuple[int, int, int], str] | None:
    date = _DATE.match(text)
    if date is None:
        return None
    first, middle, last = int(date[1]), int(date[3]), int(date[4])
    rest = text[date.end() :]
    if len(date[1]) == 4:  # noqa: PLR2004 - a year
        return (first, middle, last), rest
    year = last if len(date[4]) > 2 else _CENTURY + last  # noqa: PLR2004 - a year in short
    if date[2] == "." or first > _LAST_MONTH or (order == "dmy" and middle <= _LAST_MONTH):
        return (year, middle, first), rest
    if order == "mdy" or middle > _LAST_MONTH:
        return (year, first, middle), rest
    return ((year, middle, first), rest) if first == middle else None


def _parse_date_with_month_name(text: str) -> tuple[tuple[int, int, int], str] | None:
    text = _YEAR_FIRST.sub(r"\3 \2 \1", text, count=1)
    date = _NAMED.match(text)
    month = parse_month(date[2] or date[3]) if date else None
    if date is None or month is None:
        return None
    year = int(date[5])
    return (year if year >= _SHORT_YEAR else _CENTURY + year, month, int(date[1] or date[4])), text[date.end() :]
