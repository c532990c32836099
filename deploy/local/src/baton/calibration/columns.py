"""What a column of texts holds: numbers, dates or words, and which of them only say that nothing is known."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

BLANK = ""
PLACEHOLDERS = frozenset({
    "select", "select...", "please select", "-- select --", "choose", "please choose", "-", "--", "---", ".", "?",
    "n/a", "na", "#n/a", "n.a.", "nan", "null", "none", "nil", "unknown", "undefined", "(blank)", "(not set)",
    "not set", "not available", "not specified", "unspecified", "not provided", "k.a.", "keine angabe",
})  # fmt: skip
"""Answers that say that there is no answer. They stay apart from blanks: not answering is not the same as not asked."""

NUMERIC_SHARE = 0.8
FLAG = 2
"""So few different numbers are a yes and a no."""
DATE_SHARE = 0.95
DATE_SAMPLE = 300
SECONDS_A_DAY = 86_400
DATE_FORMATS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%b %d, %Y")
TIME_FORMATS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p")
LOOKS_DATED = re.compile(r"\d{1,4}[-/. ]\w{1,9}[-/. ,]+\d{2,4}|[a-z]{3,9} \d{1,2}, \d{4}")
_TRIMMED = re.compile(r"[\s%€$£₹¥']|\b(?:usd|eur|gbp|inr)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column as it is learned from: for each row the place of its answer in `levels`, and its number if it is one."""

    name: str
    kind: Literal["number", "word", "date"]
    levels: tuple[str, ...]
    """The different answers, folded for comparison."""
    codes: Codes
    numbers: Numbers
    """NaN where there is none; dates in days since 1970."""

    @cached_property
    def find_filled_rows(self) -> Flags:
        """Return which rows hold an answer that says something."""
        says = np.array([is_answer(level) for level in self.levels], dtype=np.bool_)
        return says[self.codes]

    @cached_property
    def count_levels(self) -> Codes:
        """How often each level stands here."""
        return np.bincount(self.codes, minlength=len(self.levels))

    @cached_property
    def count_distinct_answers(self) -> int:
        """How many different answers there are that say something."""
        return sum(is_answer(level) for level, count in zip(self.levels, self.count_levels, strict=True) if count)

    def select_rows(self, rows: Any) -> "Column":
        """Return the column of these rows alone."""
        return Column(self.name, self.kind, self.levels, self.codes[rows], self.numbers[rows])


def read_column(name: str, texts: Sequence[str], kind: str | None = None) -> Column:
    """Find out what a column holds, or read it as the `kind` that is known."""
    places: dict[str, int] = {}
    folded = {text: fold_answer(text) for text in set(texts)}
    codes = np.array([places.setdefault(folded[text], len(places)) for text in texts], dtype=np.int64)
    levels, counts = tuple(places), np.bincount(codes, minlength=len(places))
    kinds = {level: int(count) for level, count in zip(levels, counts, strict=True) if is_answer(level)}
    numbers = max((_parse_numeric_levels(kinds, decimal) for decimal in ".,"), key=len)
    share = sum(kinds[level] for level in numbers) / max(1, sum(kinds.values()))
    if kind == "number" or (kind is None and share >= NUMERIC_SHARE and len(numbers) > FLAG):
        return Column(name, "number", levels, codes, _values_by_level(levels, numbers)[codes])
    dates = _parse_date_levels(list(kinds)) if kind is None else {}
    return Column(name, "date" if dates else "word", levels, codes, _values_by_level(levels, dates)[codes])


def is_answer(level: str) -> bool:
    """Return whether a value is an answer, and neither blank nor a placeholder."""
    return level != BLANK and level not in PLACEHOLDERS


def fold_answer(text: str) -> str:
    """Fold an answer: `Google` and `google ` are one."""
    return " ".join(text.casefold().split())


def parse_number(text: str, decimal: str) -> float | None:
    """Read a number as people write it: with a currency, a percent sign, or separated thousands."""
    bare, thousands = _TRIMMED.sub("", text), "." if decimal == "," else ","
    if thousands in bare:
        if not re.fullmatch(rf"[-+]?\d{{1,3}}([{thousands}]\d{{3}})+([{decimal}]\d*)?", bare):
            return None
        bare = bare.replace(thousands, "")
    try:
        number = float(bare.replace(decimal, "."))
    except ValueError:
        return None
    return number if abs(number) < float("inf") and "_" not in bare else None


def _parse_numeric_levels(levels: Iterable[str], decimal: str) -> dict[str, float]:
    return {level: number for level in levels if (number := parse_number(level, decimal)) is not None}


def _values_by_level(levels: Sequence[str], known: Mapping[str, float]) -> Numbers:
    return np.array([known.get(level, np.nan) for level in levels] or [np.nan], dtype=np.float64)


def _parse_date_levels(levels: list[str]) -> dict[str, float]:
    sample = levels[:DATE_SAMPLE]
    if not sample or len([level for level in sample if LOOKS_DATED.search(level)]) < DATE_SHARE * len(sample):
        return {}
    readers: list[Callable[[str], datetime]] = [lambda text: datetime.fromisoformat(text.upper())]
    readers += [_date_parser(day + time) for day in DATE_FORMATS for time in TIME_FORMATS]
    for read in readers:
        if len([level for level in sample if _parse_days_since_epoch(level, read) is not None]) >= DATE_SHARE * len(
            sample
        ):
            return {level: day for level in levels if (day := _parse_days_since_epoch(level, read)) is not None}
    return {}


def _date_parser(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 - what has no zone is taken as UTC below


def _parse_days_since_epoch(level: str, read: Callable[[str], datetime]) -> float | None:
    try:
        found = read(level)
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).timestamp() / SECONDS_A_DAY
