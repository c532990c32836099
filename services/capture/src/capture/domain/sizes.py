"""How many people a company has, as lists say it: a number, a bracket, or what a spreadsheet made of it."""

import re
from typing import Any

from capture.domain.months import parse_month
from events.names import fold_case_and_accents

_SIZE = re.compile(
    r"(\d[\d.,'`\xb4\u2019\s\xa0]{0,30})\s*([km]\b|mille?\b|mil\b|mio\b|mill|thousand|tausend|tsd|duizend)?",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"\d{1,4}[.,]\d{1,2}", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}([.,'`\xb4\u2019\s\xa0]\d{2,3})*[.,'`\xb4\u2019\s\xa0]\d{3}")
_POWER = re.compile(r"\d([.,]\d{1,9})?e\+?\d{1,2}", re.ASCII)
"""A number as spreadsheets shorten it; folded."""
_CENTS = re.compile(r"(?<=[.,\s\xa0]\d{3})[.,]\d{1,2}$", re.ASCII)
_LESS = re.compile(
    r"\s*(?:<|≤|up to|under|below|less than|fewer than|max|bis|unter|weniger als|moins de|jusqu|hasta|menos de|menor|"
    r"ate\b|meno di|fino a|minder dan|tot\b)|.*\d\s*(?:or (?:less|fewer)|oder weniger|et moins"
    r"|ou moins|o menos|ou menos|o meno|of minder)"
)
"""What makes a size the upper end of a bracket; folded."""
_DATED = re.compile(r"\s*-\s*\d|.*(?<![\d.,])\d{1,4}([./-])\d{1,2}\1\d{1,4}(?![\d.,])")
"""What is no size although it has digits: less than none, a date."""
_MONTH_OF_SIZE = re.compile(r"(?:(\d{1,4})[.\s-]+)?([a-z]{3,4})[.\s-]*(\d{1,4})?")
"""`Nov-50`, `11. Okt`: what a spreadsheet makes of the brackets 11-50 and 10-11; folded."""
_MILLIONS = {"m": 1_000_000, "mio": 1_000_000, "mill": 1_000_000}
"""What a unit stands for that is no thousand."""
_ALONE = frozenset(("just me", "only me", "me", "solo", "freelancer", "sole trader", "nur ich", "solo yo", "moi seul"))


def read_company_size(cell: str) -> Any:
    """Return a head count; of a bracket such as `51-200 employees` its lower end, and 1 of `< 50`; else the cell."""
    text = fold_case_and_accents(cell).strip()
    if (dated := _MONTH_OF_SIZE.fullmatch(text)) and (month := parse_month(dated[2])):
        days = [int(number) for number in dated.groups()[::2] if number]
        return min(month, *days) if len(days) == 1 else cell
    if _POWER.fullmatch(text):
        return round(float(text.replace(",", ".")))
    found = list(_SIZE.finditer(cell))
    if not found:
        return 1 if "self" in text or text in _ALONE else cell
    if _DATED.match(text):
        return cell
    return 1 if _LESS.match(text) else _lower_end_of_range(found)


def _lower_end_of_range(found: list[re.Match[str]]) -> int:
    """Return the first number of a size; in `1-5k` it is in thousands too."""
    first = _parse_count_with_unit(found[0])
    if not found[0][2] and len(found) > 1 and found[1][2] and first < _parse_count_with_unit(found[1], units=False):
        return _parse_count_with_unit(found[0], _MILLIONS.get(found[1][2].lower(), 1_000))
    return first


def _parse_count_with_unit(found: re.Match[str], times: int = 0, *, units: bool = True) -> int:
    """Return a number of a size; `times` what its unit is, where another number has that."""
    digits = _CENTS.sub("", found[1].strip(" \xa0.,'`\xb4\u2019"))
    times = times or (_MILLIONS.get(found[2].lower(), 1_000) if units and found[2] else 1)
    if times > 1 and _FRACTION.fullmatch(digits):
        return round(float(digits.replace(",", ".")) * times)
    number = re.sub(r"\D", "", digits) if _GROUPED.fullmatch(digits) else re.split(r"[.,\s\xa0]", digits)[0]
    return int(number) * times
