"""Durations as people say them, and the calendar of whoever works by it.

`15b` is business minutes, `2w` working days (a working day is 24 hours of deadline, weekends and holidays out), `48h`
and `30d` elapsed time.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

Unit = Literal["b", "w", "h", "d"]
Block = tuple[int, int]
"""Minutes of a local day, from (inclusive) to (exclusive); 1440 is its end."""

_UNITS: dict[str, tuple[Unit, timedelta]] = {
    "b": ("b", timedelta(minutes=1)),
    "w": ("w", timedelta(hours=24)),
    "h": ("h", timedelta(hours=1)),
    "d": ("d", timedelta(days=1)),
}
_DURATION = re.compile(r"([1-9]\d{0,5})([bwhd])", re.ASCII)
_BLOCK = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class PromiseLength:
    """How long a promise lasts: `length` of a time that always runs, or only on the team's calendar."""

    text: str
    unit: Unit
    length: timedelta

    @property
    def is_working_time(self) -> bool:
        """Whether nights, weekends or holidays stop it."""
        return self.unit in ("b", "w")


def parse_duration(text: object) -> PromiseLength:
    """Read a duration such as `15b`, `2w`, `48h` or `30d`."""
    if isinstance(text, PromiseLength):
        return text
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("a duration is a number and b, w, h or d, such as 15b or 48h")
    unit, minutes = _UNITS[found[2]]
    return PromiseLength(found[0], unit, int(found[1]) * minutes)


def _parse_block(text: object) -> Block:
    if isinstance(text, tuple):
        return text
    found = _BLOCK.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("a block is HH:MM-HH:MM")
    start, end = (int(found[i]) * 60 + int(found[i + 1]) for i in (1, 3))
    if int(found[2]) > 59 or int(found[4]) > 59 or not start < end <= _DAY_MINUTES:  # noqa: PLR2004 - minutes
        raise ValueError("a block starts before it ends, within one day")
    return start, end


def _format_block(block: Block) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in block)


def _sort_and_check_blocks(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    ordered = tuple(sorted(blocks))
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise ValueError("blocks of a day do not overlap")
    return ordered


def _check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError("not a time zone of the IANA database") from None
    return name


Duration = Annotated[
    PromiseLength,
    BeforeValidator(parse_duration),
    PlainSerializer(lambda it: it.text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]*[bwhd]$"}),
]
Hours = Annotated[
    tuple[
        Annotated[Block, BeforeValidator(_parse_block), PlainSerializer(_format_block, return_type=str)],
        ...,
    ],
    AfterValidator(_sort_and_check_blocks),
]


MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


@lru_cache(maxsize=256)
def _public_holidays(place: str) -> Container[date]:
    """Return the public holidays of a country (`DE`) or a part of it (`DE-BY`)."""
    import holidays  # noqa: PLC0415 - a quarter of a second that a calendar without a country need not wait for

    country, _, part = place.partition("-")
    try:
        found: Container[date] = holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise ValueError("no country, or no part of one, whose public holidays are known") from None
    return found


def _check_holiday_place(place: str) -> str:
    _public_holidays(place)
    return place


class Calendar(BaseModel):
    """When somebody works: local hours a weekday (lunch is the gap between two blocks), less the days off.

    Or when somebody of several works (`shifts`): support that follows the sun.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    zone: Annotated[str, AfterValidator(_check_time_zone)] = "UTC"
    mon: Hours = ()
    tue: Hours = ()
    wed: Hours = ()
    thu: Hours = ()
    fri: Hours = ()
    sat: Hours = ()
    sun: Hours = ()
    holidays: tuple[date, ...] = ()
    public_holidays: Annotated[str, AfterValidator(_check_holiday_place)] | None = None
    """A country or a part of it, such as `DE` or `DE-BY`: its public holidays are days off too."""
    half_days: dict[MonthDay, Hours] = {}
    """Hours on these days of every year, where they would be full working days: `12-24`."""
    special_days: dict[date, Hours] = {}
    """Days with hours of their own, whatever else is said of them: trade-fair Saturdays."""
    shifts: tuple["Calendar", ...] = ()
    """Calendars of which one is enough; then nothing else is said here."""

    @model_validator(mode="after")
    def _works_sometimes(self) -> Self:
        if self.shifts:
            if self.model_fields_set != {"shifts"}:
                raise ValueError("a calendar of shifts has no hours of its own")
        elif "zone" not in self.model_fields_set:
            raise ValueError("a calendar names its time zone")
        elif not any(self._week):
            raise ValueError("a calendar without a working hour never lets a promise fall due")
        return self

    @cached_property
    def _week(self) -> tuple[tuple[Block, ...], ...]:
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)

    @cached_property
    def _off(self) -> frozenset[date]:
        return frozenset(self.holidays)

    @cached_property
    def cached_years(self) -> dict[object, Any]:
        """What was computed of this calendar, year by year: kept with it, for as long as it lives."""
        return {}

    def is_off(self, day: date) -> bool:
        """Return whether a local date is a holiday."""
        return day in self._off or (self.public_holidays is not None and day in _public_holidays(self.public_holidays))

    def blocks_on(self, day: date) -> tuple[Block, ...]:
        """Return the working blocks of a local date, in order; a calendar of shifts has none of its own."""
        special = self.special_days.get(day)
        if special is not None:
            return special
        usual = self._week[day.weekday()]
        if not usual or self.is_off(day):
            return ()
        return self.half_days.get(f"{day:%m-%d}", usual) if self.half_days else usual
