"""One spelling of a company's name: what people who write it down disagree on is left out."""

import re
import unicodedata
from functools import lru_cache

_LEGAL = """
ab ag as asa bv co company corp corporation cv eg ehf ek gbr gmbh inc incorporated kg kgaa kk kft lda
limited llc llp ltd ltda nv ohg oy oyj plc pte pty pvt sa sarl sas se sl spa sprl srl the ug vof zrt
"""
_FORMS = frozenset(_LEGAL.split())
_DOTTED = re.compile(r"(?<=\b\w)\.(?=\w\b|\s|$)")
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=16_384)
def company_key(name: str | None) -> str | None:
    """Give a name without case, accents, punctuation and legal form; None where nothing is left."""
    if name is None:
        return None
    plain = unicodedata.normalize("NFKD", _DOTTED.sub("", name)).casefold()
    words = _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))
    kept = [word for word in words if word not in _FORMS]
    return " ".join(kept or words) or None
