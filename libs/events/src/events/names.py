"""How names are written and compared everywhere: what a code is, and one key for all spellings of a company's name."""

import re
import unicodedata
from functools import lru_cache

CODE = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"
"""What people and programs call a campaign, an event, a piece of content or a saved mapping."""
PATH_SAFE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""What a user, a rep or a team of ours is called where it stands in an address."""

_UNDECOMPOSED = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)
"""Letters that Unicode does not take apart into a letter and a mark."""

LEGAL_FORMS = frozenset(
    form
    for forms in (
        "ab ag aktiengesellschaft as asa bv bvba cie co company corp corporation cv eg ehf ek eurl gbr gesmbh gmbh",
        "group holding inc incorporated kft kg kgaa kk lda limited llc llp ltd ltda mbh nv ohg ooo oy oyj plc pte pty",
        "pvt sa sarl sas se sgps sl slu spa sprl srl sro the ug vof zrt",
    )
    for form in forms.split()
)
"""Words that say how a company is organised and not what it is called, folded and without dots."""

_ABBREVIATED = re.compile(r"(?<=\b\w)[./](?=\w\b|\s|,|$)")
"""The signs of `S.A.` and `A/S`, which are one word."""
_TOKEN = re.compile(r"[^\W_]+")


def fold_case_and_accents(text: str) -> str:
    """Return a text without case, accents and ligatures: `Straße` and `STRASSE`, `Ørsted` and `Orsted` are the same."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_UNDECOMPOSED)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(maxsize=16_384)
def normalize_company_name(name: str | None) -> str | None:
    """Return what all spellings of a company's name share, None where nothing is left of it.

    Case, accents, punctuation and legal forms do not count; a name of nothing but legal forms keeps them.

    Examples:
        >>> [normalize_company_name(name) for name in ("Société Générale S.A.", "The Foo Company", "Baz Group AG")]
        ['societe generale', 'foo', 'baz']
    """
    if name is None:
        return None
    tokens = _TOKEN.findall(fold_case_and_accents(_ABBREVIATED.sub("", name)))
    return " ".join([token for token in tokens if token not in LEGAL_FORMS] or tokens) or None
