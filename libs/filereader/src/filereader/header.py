"""Which line of a list names its columns, and what they are called."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

TITLE_LINES = 20
"""So many lines may stand above the header: a title, a date, who exported it."""
_SHARE = 0.6

_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_NUMBER = re.compile(r"[\d\s.,:/+-]+")
_PHONE = re.compile(r"(?!\d{4}[-./]\d\d?[-./]\d\d?$)[+(]?[\d\s().\-/]{7,}")
_PHONE_DIGITS = 7
_SIGNS = dict.fromkeys(code for code in range(128) if not chr(code).isalnum())
"""What is no letter and no digit, to be taken out."""


class HeaderMissing(Exception):
    """No line near the top names columns. `line` (from 1) is the first that says anything."""

    def __init__(self, line: int, says: str = "") -> None:
        super().__init__(says or f"line {line} names no columns, and none below it does")
        self.line = line


def find_header(rows: Sequence[Sequence[str]], is_header: Callable[[Sequence[str]], bool] | None = None) -> int | None:
    """Return the place of the header among the first rows; None where none of them may be one.

    Args:
        rows: The first rows that are not blank, as cells.
        is_header: What the caller knows a header by, such as a column for an e-mail.
    """
    candidates = [number for number, cells in enumerate(rows[:TITLE_LINES]) if _may_be_header(cells)]
    if is_header is not None:
        known = [number for number in candidates if is_header(rows[number])]
        for number in known:
            if number + 1 not in known or _count_filled_cells(rows[number + 1]) <= _count_filled_cells(rows[number]):
                return number
    widths = sorted(_count_filled_cells(cells) for cells in rows)
    usual = widths[len(widths) // 2] if widths else 1
    return next((number for number in candidates if _count_filled_cells(rows[number]) >= max(1, usual * _SHARE)), None)


def _count_filled_cells(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _may_be_header(cells: Sequence[str]) -> bool:
    """Return whether a row may name columns: it holds words, and neither somebody's address or phone nor numbers alone.

    `Mobile` beside a number is what kind of number that is, and no heading.
    """
    terms = [cell.strip() for cell in cells if cell.strip()]
    return bool(terms) and not any(map(is_address_or_phone, terms)) and not all(map(_NUMBER.fullmatch, terms))


def is_address_or_phone(cell: str) -> bool:
    """Return whether a cell is an address or a phone; a heading may show one as an example."""
    if sum(len(found) for found in _MAIL.findall(cell)) * 2 > len(cell):
        return True
    return _PHONE.fullmatch(cell) is not None and sum(letter.isdigit() for letter in cell) >= _PHONE_DIGITS


def is_further_header(cells: Sequence[str], header: Sequence[str], *, below_blank: bool = False) -> bool:
    """Return whether a row names the columns of a further table of the file, as webinar tools write one below another.

    At least two of its cells are headings of the table before; where that has one column, the cell itself. Where no
    blank line parts them, half of those that are filled are.
    """
    if any("@" in cell for cell in cells):
        return False
    known = _normalized_header(tuple(header))
    least = min(2, len(known))
    if sum(_normalize_heading(cell) in known for cell in cells) < least:
        return False
    filled = {_normalize_heading(name) for name in build_column_names(cells)} - {""}
    return len(filled & known) >= max(least, 0 if below_blank else len(filled) / 2) and _may_be_header(cells)


@lru_cache(maxsize=8)
def _normalized_header(header: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_normalize_heading(name) for name in header) - {""}


def _normalize_heading(name: str) -> str:
    """Return a name in the spelling that `First name` and `first_name` share."""
    if name.isascii():  # each cell of a list comes here
        return name.lower().translate(_SIGNS)
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def build_column_names(cells: Sequence[str]) -> list[str]:
    """Return the columns' names: unnamed ones at the right end left out, "" for others, `(2)` behind a repeated one."""
    names = [" ".join(_strip_invisible_characters(cell).split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if not name or seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _strip_invisible_characters(text: str) -> str:
    """Return a text without soft hyphens, byte order marks and what else nobody sees."""
    if text.isascii():
        return text
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
