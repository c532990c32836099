"""Which encoding a file has, and its bytes as UTF-8.

Excel, ad networks and older tools write UTF-8 with and without a mark, UTF-16, and the code pages of their country.
"""

import codecs
import re
from collections.abc import Sequence

from charset_normalizer import from_bytes

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CODE_PAGES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "mac_roman", "cp932", "euc_jp", "gb18030", "big5",
    "euc_kr", "cp1255", "cp1256", "cp874", "koi8_r",
]  # fmt: skip
WESTERN = "cp1252"
_WESTERN_OF_UNIX = "iso8859_15"
_WESTERN_ALPHABETS = (
    "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúüªº", "ãáàâçéêíõóôúüªº", "àèéìíîòóùú", "åäöæøéü", "áéíóúýðþæö", "éèëïöüó",
)  # fmt: skip
"""German, French, Spanish, Portuguese, Italian, the Nordic languages, Icelandic, Dutch."""
_CENTRAL_ALPHABETS = (
    "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "čćđšž", "ăâîşţ", "äöüß",
)  # fmt: skip
"""Czech, Slovak, Polish, Hungarian, the South Slavic languages, Romanian, German."""
_ALPHABETS = {
    WESTERN: _WESTERN_ALPHABETS,
    "cp1250": _CENTRAL_ALPHABETS,
    "cp1254": ("çğıöşüâîû", "äöüß"),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
    "iso8859_2": _CENTRAL_ALPHABETS,
    "mac_roman": _WESTERN_ALPHABETS,
    "cp850": _WESTERN_ALPHABETS,
    _WESTERN_OF_UNIX: (*_WESTERN_ALPHABETS, "äöåüõšž"),
}
"""The letters beyond ASCII of the languages that a Latin code page is used for; DOS and Unix pages at the end."""
_RUSSIAN, _UKRAINIAN, _GREEK = "оаеинтрсвлкмдпуяьыгз", "оаеинтрсвлкмдпуяьгзії", "αοιετσνηυρπκμλςίάόέώ"
_FREQUENT = {
    "cp1251": _RUSSIAN,
    "koi8_r": _RUSSIAN,
    "koi8_u": _UKRAINIAN,
    "cp866": _RUSSIAN,
    "cp1253": _GREEK,
    "iso8859_7": _GREEK,
    "cp1255": "יוהלארתבמשנדפכעןם",
    "cp1256": "اليمونرتبعدسفحكشجةه",
}
"""The letters by which a page of another script is known: those that its language uses most."""
_MOST_FOREIGN, _MOST_FREQUENT = 0.6, 0.7
"""Which share of a Latin word's letters may be beyond ASCII, and how many of another script's are frequent ones."""
_BETWEEN_TERMS = re.compile(r"[\s\xa0\u2019,;|/\\\"'()<>@.:&+_-]+")
_MARKS = "\u2018\u2019\u201a\u201c\u201d\u201e\u2039\u203a«»\u2013\u2014\u2026\u2022·€£$¤¢¥§°©®™*!?¿¡0123456789"
"""What may stand before or behind a word, and not within one."""
_FRACTIONS = "¼½¾"
"""What stands alone, and is no letter of any word; other pages have letters there."""
_DOT_ABOVE = "\u0307"
"""What Python makes of the dot of a Turkish capital in lower case."""
_MOST_TERMS = 0.8
_MANY_NULS = 0.2


def detect_encoding(sample: bytes) -> str:
    """Return the encoding that the first bytes of a file are in: `utf-8` unless they say otherwise."""
    for mark, encoding in MARKS:
        if sample.startswith(mark):
            return encoding
    if len(sample) > 1:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        half = len(sample) / 2
        if odd > half * _MANY_NULS or even > half * _MANY_NULS:
            return "utf-16-le" if odd >= even else "utf-16-be"
    return "utf-8" if _is_mostly_utf8(sample) else guess_code_page(sample)


def _is_mostly_utf8(sample: bytes) -> bool:
    """Return whether no more lines speak against UTF-8 than for it; the last one, which may be cut, does not count."""
    lines = [line for line in sample.splitlines() if not line.isascii()]
    wrong = sum(not _is_utf8(line) for line in lines)
    return wrong <= len(lines) - wrong


def _is_utf8(line: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line)
    except UnicodeDecodeError:
        return False
    return True


def guess_code_page(sample: bytes) -> str:
    """Return the code page that bytes which are no UTF-8 are most likely in; the western one in doubt.

    Of the Latin ones it is the one in which most words are written with the letters of one language. Where none fits
    most words, the script is another: one whose frequent letters most are, else charset-normalizer decides.
    """
    if script := _guess_code_page_by_letters(sample):
        return script
    texts = {page: sample.decode(page, errors="replace") for page in _ALPHABETS}
    shares = {page: _share_of_plausible_terms(text, _ALPHABETS[page]) for page, text in texts.items()}
    best = max(shares, key=lambda page: (shares[page], *_rate_code_page(page, texts[page])))
    if shares[best] >= _MOST_TERMS:
        return best
    found = from_bytes(sample, cp_isolation=CODE_PAGES).best()
    return found.encoding if found is not None and found.encoding in CODE_PAGES else WESTERN


def _guess_code_page_by_letters(sample: bytes) -> str | None:
    """Return the page of another script whose frequent letters nearly all letters of a sample are, None where none is.

    Its words have no Latin letters among them, and no capitals within.
    """
    foreign = "".join(term for term in _BETWEEN_TERMS.split(sample.decode("latin-1")) if not term.isascii())
    if sum(map(str.isascii, foreign)) > len(foreign) * (1 - _MOST_FOREIGN):
        return None

    def share(page: str) -> float:
        parts = _BETWEEN_TERMS.split(sample.decode(page, errors="replace"))
        terms = [bare for part in parts if not (bare := part.strip(_MARKS)).isascii()]
        cased = _FREQUENT[page] != _FREQUENT[page].upper()
        if cased and not any(term[:1].isupper() for term in terms):
            return 0.0
        letters = "".join(term for term in terms if term[1:] == term[1:].lower() or term.isupper()).lower()
        return sum(letter in _FREQUENT[page] for letter in letters) / max(1, len("".join(terms)))

    best = max(_FREQUENT, key=share)
    return best if share(best) >= _MOST_FREQUENT else None


def _share_of_plausible_terms(text: str, alphabets: Sequence[str]) -> float:
    """Return which share of the words that are not ASCII can be words of one of some languages; 1 where none is."""
    terms = [bare for term in _BETWEEN_TERMS.split(text) if not (bare := term.strip(_MARKS)).isascii()]
    terms = [term for term in terms if term.strip(_FRACTIONS)]
    return sum(_is_plausible_term(term, alphabets) for term in terms) / len(terms) if terms else 1.0


def _is_plausible_term(term: str, alphabets: Sequence[str]) -> bool:
    letters = {letter for letter in term.lower() if not letter.isascii()} - {_DOT_ABOVE}
    alike = term[1:].islower() or term.isupper() or not term[1:]
    return alike and any(letters.issubset(alphabet) for alphabet in alphabets)


def _rate_code_page(page: str, text: str) -> tuple[bool, bool, bool, int]:
    """Return whether a text is of one language, and a western page; else the more of it are letters, the better."""
    letters = sum(letter.isalpha() and not letter.isascii() for letter in text)
    is_single = _is_single_language(text, _ALPHABETS[page])
    return is_single, page == WESTERN, page == _WESTERN_OF_UNIX, letters


def _is_single_language(text: str, alphabets: Sequence[str]) -> bool:
    """Return whether one language has all letters of a text."""
    letters = {letter for letter in text.lower() if not letter.isascii() and letter.isalpha()}
    return any(letters.issubset(alphabet) for alphabet in alphabets)


_ANY_BYTES = b"a\xff"
_PYTHONS_OWN = frozenset(("idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"))
"""Codecs of Python's between text and bytes in which no file is written; what fails of them differs by version."""


def _make_decoder(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)("replace")


class Decoder:
    """Turns a file's bytes into UTF-8 as they arrive.

    UTF-8 passes through as it is, so that a single line in another encoding costs that line's letters at most.
    """

    def __init__(self, encoding: str) -> None:
        """Decode `encoding`; raises `LookupError` for a name that is none of an encoding of text."""
        try:
            self.encoding = codecs.lookup(encoding).name
            is_text = self.encoding.replace("-", "_") not in _PYTHONS_OWN
            is_text = is_text and isinstance(_make_decoder(encoding).decode(_ANY_BYTES, final=True), str)
        except Exception as error:  # Python's codecs are of many kinds: `hex`, `zlib`, `idna`, `undefined`
            raise LookupError(encoding) from error
        if not is_text:
            raise LookupError(encoding)
        self._decoder = None if self.encoding == "utf-8" else _make_decoder(encoding)
        self._started = False

    def feed(self, chunk: bytes, *, last: bool = False) -> bytes:
        """Return the chunk as UTF-8, without a byte order mark at the start of the file."""
        if self._decoder is not None:
            chunk = self._decoder.decode(chunk, final=last).encode("utf-8", "replace")
        if not self._started and chunk:
            self._started = True
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
        return chunk


def decode_line(line: bytes) -> str:
    """Return a line as text: UTF-8, and the western code page where it is none; NUL is no letter of any list."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = line.decode(WESTERN, errors="replace")
    return text.replace("\0", "\ufffd")
