"""When an event recurs by its rule (RFC 5545), computed from shortly before the time that is asked for.

The library computes a rule's occurrences from its first one on, and looks for the next one up to the year 9999. So the
first one is moved by whole intervals, and all of it by years to where the calendar is the same and ends soon.
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta
from functools import cache, lru_cache
from math import prod
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import vRecur

MAX_OCCURRENCES = 100_000
"""How many occurrences of a file's rules are computed: two hundred daily ones for more than a year."""

MAX_TIMES_A_DAY = 100
"""How many hours, minutes and seconds a rule may have for each of its days."""

DAYS = {"DAILY": 1, "WEEKLY": 7}
MONTHS = {"MONTHLY": 1, "YEARLY": 12}
"""Nobody is absent every hour; and a rule of hours that never comes true is looked for second by second."""

_DAYS_OF_RULE = ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY")
"""A rule without one of these recurs on the day of its first occurrence."""

_PARTS = {*_DAYS_OF_RULE, "FREQ", "INTERVAL", "COUNT", "BYMONTH", "BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS", "WKST"}
"""What a rule is made of (RFC 5545), but for `UNTIL`. The library knows more, which the moved years would make wrong:
`BYEASTER`, for Easter is on other days there, and `BYWEEKDAY`."""

_USUAL = {"RSCALE": ["GREGORIAN"], "SKIP": ["OMIT"]}
"""What says nothing that is not so without it (RFC 7529)."""


class CalendarNotUnderstoodError(ValueError):
    """A calendar has an event, and it is not known when."""


class TooMuchInCalendarError(ValueError):
    """A calendar has more recurring events or whole days than anybody is away."""


@dataclass(slots=True)
class Allowance:
    """How many occurrences may still be computed for a file."""

    left: int = MAX_OCCURRENCES

    def spend(self) -> None:
        """Count one occurrence.

        Raises:
            TooMuchInCalendarError: There were too many, such as one each minute.
        """
        self.left -= 1
        if self.left < 0:
            raise TooMuchInCalendarError("iCalendar events that recur too often")


def expand_rule(
    parts: Mapping[str, Sequence[Any]], first: datetime, since: datetime, until: datetime, allowance: Allowance
) -> Iterator[datetime]:
    """Yield when an event begins by its rule, in order; all times are on the event's wall clock, without a zone.

    Args:
        parts: The rule by its parts; `UNTIL` is left to the caller.
        first: When the event begins for the first time.
        since: Occurrences before are left out, where the rule counts them too.
        until: The last instant that is asked for.
        allowance: Pays for each occurrence that is computed.

    Raises:
        TooMuchInCalendarError: It recurs more often than anybody is away.
        CalendarNotUnderstoodError: It has a part that is not known, such as the calendar of another culture.
        ValueError: It is no rule.
    """
    rule = _take_known_parts(parts)
    _check_rule(rule)
    if max(first, since) > until:
        return
    if "COUNT" not in rule:
        rule, first = _begin_later(rule, first, since)
    later = _find_later_years(first.year, until.year)
    written: Any = vRecur(rule)
    text = written.to_ical().decode()
    for moved in rrulestr(text, dtstart=first.replace(year=first.year + later)):
        allowance.spend()
        if moved.year - later > until.year:
            return
        start = moved.replace(year=moved.year - later)
        if start > until:
            return
        if start >= since:
            yield start


def _take_known_parts(parts: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    meaningful = {
        name: list(values)
        for name, values in parts.items()
        if name != "UNTIL" and not (name in _USUAL and [value.upper() for value in values] == _USUAL[name])
    }
    if not meaningful.keys() <= _PARTS:
        raise CalendarNotUnderstoodError("an iCalendar event whose rule of recurrence is not understood")
    return meaningful


def _check_rule(rule: Mapping[str, Sequence[Any]]) -> None:
    if not (DAYS.keys() | MONTHS.keys()).issuperset(map(str, rule.get("FREQ", []))):
        raise TooMuchInCalendarError("an iCalendar event of every hour or less")
    if prod(len(set(rule.get(name, [0]))) for name in ("BYHOUR", "BYMINUTE", "BYSECOND")) > MAX_TIMES_A_DAY:
        raise TooMuchInCalendarError("an iCalendar event that recurs too often")
    if len(rule["FREQ"]) != 1 or len(rule.get("INTERVAL", [1])) != 1 or _interval(rule) < 1:
        raise ValueError("no recurrence rule")  # the library would look for its second occurrence without end


def _interval(rule: Mapping[str, Sequence[Any]]) -> int:
    return int(rule.get("INTERVAL", [1])[0])


def _begin_later(rule: dict[str, list[Any]], first: datetime, since: datetime) -> tuple[dict[str, list[Any]], datetime]:
    """Return a rule and a first occurrence that have the same occurrences from `since` on.

    It begins a whole interval before, because a rule's first week, month or year may be a part of one. What a rule
    takes from the day of its first occurrence becomes part of the rule.
    """
    (named,) = rule["FREQ"]
    frequency = str(named)
    step = (DAYS.get(frequency) or MONTHS[frequency]) * _interval(rule)
    if frequency in DAYS:
        skipped = ((since - first).days // step - 1) * step
        return rule, first + timedelta(days=max(skipped, 0))
    months = (since.year - first.year) * 12 + since.month - first.month
    skipped = (months // step - 1) * step
    if skipped <= 0:
        return rule, first
    if not any(rule.get(name) for name in _DAYS_OF_RULE):
        months_of_rule = {} if frequency == "MONTHLY" else {"BYMONTH": rule.get("BYMONTH") or [first.month]}
        rule = {**rule, "BYMONTHDAY": [first.day], **months_of_rule}
    years, month = divmod(first.month - 1 + skipped, 12)
    month = 1 if frequency == "YEARLY" else month + 1
    return rule, first.replace(year=first.year + years, month=month, day=1)


@lru_cache
def _find_later_years(first: int, last: int) -> int:
    """Return how many years later the calendar is the same from before the first year until after the last."""
    years = [*range(max(first - 1, 1), last + 2)]
    shifts = range(MAXYEAR - years[-1], 0, -1)
    return next((by for by in shifts if all(_describe_year(year) == _describe_year(year + by) for year in years)), 0)


@cache
def _describe_year(year: int) -> tuple[int, bool]:
    """Return on which day of the week a year begins, and whether it has a leap day."""
    return date(year, 1, 1).weekday(), calendar.isleap(year)
