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
_TERM = re.compile(r"[^\W_]+")


@lru_cache(maxsize=16_384)
def company_key(name: str | None) -> str | None:
    """Return a name without case, accents, punctuation and legal form; None where nothing is left."""
    if name is None:
        return None
    plain = unicodedata.normalize("NFKD", _DOTTED.sub("", name)).casefold()
    terms = _TERM.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))
    kept = [term for term in terms if term not in _FORMS]
    return " ".join(kept or terms) or None
