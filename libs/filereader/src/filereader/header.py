"""Which line of a list names its columns, and what they are called."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

TITLE_LINES = 20
"""So many lines may stand above the header: a title, a date, who exported it."""
_SHARE = 0.6

_MAIL = re.compile(r"\S+@\S+\.\S+")
_NUMBER = re.compile(r"[\d\s.,:/+-]+")


class HeaderMissing(Exception):
    """No line near the top names columns. `line` (from 1) is the first that says anything."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} names no columns")
        self.line = line


def find_header(rows: Sequence[Sequence[str]], is_header: Callable[[Sequence[str]], bool] | None = None) -> int | None:
    """Return the place of the header among the first rows; None where none of them may be one.

    Args:
        rows: The first rows that are not blank, as cells.
        is_header: What the caller knows a header by, such as a column for an e-mail.
    """
    candidates = [number for number, cells in enumerate(rows[:TITLE_LINES]) if _may_be(cells)]
    if is_header is not None:
        for number in candidates:
            if is_header(rows[number]):
                return number
    widths = sorted(_filled(cells) for cells in rows)
    usual = widths[len(widths) // 2] if widths else 1
    return next((number for number in candidates if _filled(rows[number]) >= max(1, usual * _SHARE)), None)


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _may_be(cells: Sequence[str]) -> bool:
    """Return whether a row may name columns: it holds words, and neither an address nor numbers alone."""
    terms = [cell.strip() for cell in cells if cell.strip()]
    return bool(terms) and not any(_MAIL.fullmatch(term) for term in terms) and not all(map(_NUMBER.fullmatch, terms))


def column_names(cells: Sequence[str]) -> list[str]:
    """Return the columns' names: unnamed ones at the right end left out, "" for others, `(2)` behind a repeated one."""
    names = [" ".join(cell.split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if not name or seen[name] == 1 else f"{name} ({seen[name]})")
    return found
