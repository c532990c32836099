"""Which month does a word mean? English and its neighbours by how they begin, other languages by their whole words."""

from functools import cache

from babel.dates import get_month_names

from events.names import fold_case_and_accents

_BEGINNINGS = {
    name: number
    for number, names in enumerate(
        ("jan ene gen", "feb fev", "mar maa mrt", "apr avr abr", "may mai mag mei", "jun giu juin", "jul lug juil",
         "aug aou ago", "sep set", "oct okt out ott", "nov", "dec dez dic"), start=1
    )
    for name in names.split()
}  # fmt: skip
"""How the months begin in English, German, French, Spanish, Portuguese, Italian and Dutch."""
_LANGUAGES = "pl cs sk ru uk bg hu sv da nb fi tr ro el lt lv et"
"""Languages whose words for months no other of these has for another month."""
_SHORTEST = 3


def parse_month(name: str) -> int | None:
    """Return the number of a month by its folded name or its beginning, None where it is none."""
    return _load_month_names().get(name) or _BEGINNINGS.get(name[:4]) or _BEGINNINGS.get(name[:3])


@cache
def _load_month_names() -> dict[str, int]:
    return {
        bare: number
        for language in _LANGUAGES.split()
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, context, language).items()
        if len(bare := fold_case_and_accents(name).strip(".")) >= _SHORTEST
    }
