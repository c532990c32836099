"""The countries of ISO 3166-1, by their alpha-2 codes and by what people call them in any language.

The names are Unicode's (CLDR), written into a file beside this module by `services/capture/country_names.py`.
"""

import re
from functools import cache
from importlib import resources

from events.names import fold_case_and_accents

_BY_FIRST_LETTER = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ
BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ
DE DJ DK DM DO DZ
EC EE EG EH ER ES ET
FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY
HK HM HN HR HT HU
ID IE IL IM IN IO IQ IR IS IT
JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ
LA LB LC LI LK LR LS LT LU LV LY
MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ
NA NC NE NF NG NI NL NO NP NR NU NZ
OM
PA PE PF PG PH PK PL PM PN PR PS PT PW PY
QA
RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ
TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
UA UG UM US UY UZ
VA VC VE VG VI VN VU
WF WS
YE YT
ZA ZM ZW
"""

COUNTRIES = frozenset(_BY_FIRST_LETTER.split())

_SIGNS = re.compile(r"[()\[\]/:,]|\s[-\u2013]\s|(?<=[\U0001f1e6-\U0001f1ff]{2}) | (?=[\U0001f1e6-\U0001f1ff]{2})")
_SUBDIVISION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}", re.ASCII)
"""A part of a country by ISO 3166-2, as `GB-ENG`."""
_LOCALE = re.compile(r"[a-z]{2,3}[_-]([A-Z]{2})(?:\.UTF-8)?", re.ASCII)
"""A language of a country, as `de_DE`."""
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
"""A flag, which is written as the two letters of a country."""
_AROUND = re.compile(r"^\s*the\s+|[\s,]+\(?the\)?\s*$|[\s,;.]+$", re.IGNORECASE)
"""The article of a name, as the official list of ISO has it behind, and what stands at the end of a cell."""
_MOST_NAMES = 4
"""In so many languages a cell names one country: Switzerland has four."""
_LONGEST_NAME = 200
NAMES_FILE = "country_names.txt"


def fold_country_name(name: str) -> str:
    """Return a name as two spellings of it share it: without case, accents, dots and doubled spaces."""
    return " ".join(fold_case_and_accents(name).replace("&", " and ").replace(".", " ").replace("\u2019", "'").split())


@cache
def _load_country_names() -> dict[str, str]:
    lines = resources.files(__package__).joinpath(NAMES_FILE).read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def read_country(text: str) -> str | None:
    """Return the alpha-2 code of a country given by its code (alpha-2 or alpha-3) or its name in any language.

    Returns:
        The code, or None where no country, or more than one, is called so.
    """
    locale = _LOCALE.fullmatch(text.strip())
    code = locale[1] if locale else text.strip().upper()
    if _SUBDIVISION.fullmatch(code) and code[:2] in COUNTRIES:
        return code[:2]
    if _FLAG.fullmatch(code):
        code = "".join(chr(ord(letter) - ord("\U0001f1e6") + ord("A")) for letter in code)
    if code in COUNTRIES:
        return code
    return _load_country_names().get(fold_country_name(text)) or (
        _parse_repeated_country(text) if len(text) <= _LONGEST_NAME else None
    )


def _parse_repeated_country(text: str) -> str | None:
    """Return the code of a country with its article or given more than once, as `Germany (DE)`, `Schweiz/Suisse`."""
    if bare := _load_country_names().get(fold_country_name(_AROUND.sub("", text))):
        return bare
    parts = [part for part in _SIGNS.split(text) if part.strip()]
    found = {read_country(part) for part in parts} if parts != [text] and len(parts) <= _MOST_NAMES else set()
    return found.pop() if len(found) == 1 else None
