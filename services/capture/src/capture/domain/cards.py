"""Contact cards as QR codes hold them: vCard 2.1 to 4, MeCard and BIZCARD, as text by field.

A card is cut into lines by a library; what a line says is read here as text, since the library takes commas that many
generators forget to escape for lists.
"""

import base64
import io
import quopri
import re
import textwrap
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vobject.base import ParseError, getLogicalLines, parseLine

from events.names import LEGAL_FORMS, fold_case_and_accents

_END = re.compile(r"(?i)[ \t]*end:vcard[ \t]*$")
_CARD = re.compile(r"begin:vcard.*?end:vcard", re.IGNORECASE | re.DOTALL)
_NAMES = r"VERSION|ORG|TITLE|ROLE|TEL|EMAIL|ADR|URL|UID|NOTE|END"
_RUN_ON = re.compile(rf"(?:\s|\\r|\\n|[|,~^])+(?=(?:{_NAMES}|N|FN)(?:;[^:\s]*)?:)")
"""Where a line of a card begins that lost its line breaks, or has another sign for them."""
_GLUED = re.compile(rf"(?<=[^\s;:.])(?=(?:{_NAMES})[;:])|(?<=[a-z\d])(?=F?N:)")
"""The same where nothing stands between two lines."""
_NAMED_LINE = re.compile(rf"[ \t]+(?:item\d+\.)?(?:{_NAMES}|N|FN|BEGIN|X-[A-Z-]+)(?:;[^:]*)?:")
"""A line of its own that is indented: what is folded begins with no name."""
_CHARSETS = ("ISO", "SHIFT", "SJIS", "WINDOWS", "CP", "EUC", "GB", "BIG5", "KOI8", "TIS")
"""How the names of encodings begin in which phones write cards."""
_BREAKS = re.compile(r"(?:\\r)?\\n|\\r|<br ?/?>")
_PARTS = re.compile(r"(?<!\\)(?:\\\\)*;")
_BEFORE_VALUE = re.compile(r'^(?:[^":]|"[^"]*")*:')
"""A line's name and parameters, up to the first colon outside quotes."""
_ESCAPED = re.compile(r"\\([nN,;:\\])")
_BIZCARD = {
    "N": "first_name",
    "X": "last_name",
    "C": "company",
    "T": "job_title",
    "E": "emails",
    "B": "phones",
    "M": "phones",
}
_NEXT_FIELD = re.compile(r"\s*[\r\n]+\s*(?=[A-Z]{1,5}:)")
"""Where a line break stands for the sign between two fields."""
_MECARD = {"EMAIL": "emails", "TEL": "phones", "ORG": "company", "TITLE": "job_title"}
_TITLES = re.compile(r"(?i)(?:ph\.?\s?d|mba|m\.?d|ll\.?m|jr|sr|i{2,3}|cpa|esq|msc|bsc|dipl\S*|pe|pmp)\.?")
"""What stands behind a name, or behind a comma after it, without being part of it."""
_ADDRESSES = re.compile(
    r"(?i)(?:mr|mrs|ms|miss|mx|dr|prof|professor|herr|frau|hr|fr|mme|mlle|monsieur|madame|sr|sra|srta|dott"
    r"|sig|ing|dipl\.?-?ing|mag|dhr|mevr)\.?"
)
"""How people are addressed, in front of their name."""
_PARTICLES = frozenset(
    ("van", "von", "der", "den", "de", "del", "della", "di", "da", "das", "dos", "do", "du", "la", "le", "ten", "ter",
     "zu", "zum", "zur", "af", "av", "bin", "al", "el", "y", "e")
)  # fmt: skip
"""Small words with which a last name begins."""
_BESIDE = re.compile(r"(?<=\S)\s+[|@\u2013\u2014\u2022\xb7-]\s+(?=\S)")
"""What stands between a name and the company of whoever shows it in a meeting."""
_ADDRESSED = re.compile(rf"^(?:{_ADDRESSES.pattern.removeprefix('(?i)')}\s+)+", re.IGNORECASE)
_PRONOUNS = frozenset(("she/her", "he/him", "they/them", "she/they", "he/they", "er/ihm", "sie/ihr", "elle", "ella"))
_TERM = re.compile(r"[^\W_]+")
_FEWEST_CAPITALS = 3
"""Fewer in front of a name may be initials: `JP Morgan`."""
_BRACKETED = re.compile(r"([^()\[\]]+)[(\[]([^()\[\]]+)[)\]]")


@dataclass
class ContactCard:
    """What a card says of a person; every value is text as people write it, "" where the card is silent."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    job_title: str = ""
    country: str = ""
    uid: str = ""
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)


def split_name(text: str) -> tuple[str, str]:
    """Return the first and the last name in a whole one, written `Dr. Ada Lovelace (she/her)` or `Lovelace, Ada`."""
    visible = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cf", "So"))
    visible = _BESIDE.split(visible, maxsplit=1)[0]
    before, comma, after = (part.strip() for part in _strip_bracketed_part(visible).partition(","))
    after = after.partition(",")[0].strip()
    if (
        comma
        and after
        and not _TITLES.fullmatch(after)
        and LEGAL_FORMS.isdisjoint(_TERM.findall(fold_case_and_accents(after)))
    ):
        return _ADDRESSED.sub("", after) or after, before
    terms = before.split()
    while len(terms) > 1 and _ADDRESSES.fullmatch(terms[0]):
        del terms[0]
    while len(terms) > 2 and terms[-1].casefold() in _PRONOUNS:  # noqa: PLR2004 - a first and a last name stay
        del terms[-1]
    while len(terms) > 2 and _TITLES.fullmatch(terms[-1]):  # noqa: PLR2004 - a first and a last name stay
        del terms[-1]
    if written_first := _count_capital_family_terms(terms):
        return " ".join(terms[written_first:]), " ".join(terms[:written_first])
    begins = (number for number, term in enumerate(terms[:-1]) if term in _PARTICLES)
    start = next(begins, len(terms) - 1)
    return " ".join(terms[:start]), " ".join(terms[start:])


def _count_capital_family_terms(terms: Sequence[str]) -> int:
    """Return how many words in front are a family's in capitals, as `LOVELACE Ada`; initials are none."""
    many = next((number for number, term in enumerate(terms) if not term.isupper()), 0)
    is_family = any(len(term) >= _FEWEST_CAPITALS for term in terms[:many])
    return many if is_family and not any(map(str.isupper, terms[many:])) else 0


def _strip_bracketed_part(text: str) -> str:
    """Return a name without the brackets behind it; where a nickname stands before them, what they hold is the name."""
    found = _BRACKETED.fullmatch(text.strip())
    if found is None:
        return text
    outside, inside = found[1].strip(), found[2].strip()
    is_name = " " in inside and inside.split()[0][:1].casefold() == outside[:1].casefold()
    return inside if is_name else outside


def is_form_of_address(term: str) -> bool:
    """Return whether a text is how people are addressed, as `Ms` or `Herr`."""
    return _ADDRESSES.fullmatch(term) is not None


def read_vcard(text: str) -> ContactCard:
    """Read a vCard; lines that are none are passed over."""
    card = ContactCard()
    found: dict[str, list[str]] = {}
    for name, value in _parse_vcard_lines(text):
        found.setdefault(name, []).append(value)
    texts = {name: [_unescape_value(value) for value in values] for name, values in found.items()}
    card.emails, card.phones = texts.get("EMAIL", []), texts.get("TEL", [])
    card.job_title = next(filter(None, texts.get("TITLE", []) + texts.get("ROLE", [])), "")
    card.uid = next(iter(texts.get("UID", [])), "").removeprefix("urn:uuid:")
    card.company = _component_of_value(found.get("ORG", []), 0)
    card.country = _component_of_value(found.get("ADR", []), 6)
    card.last_name, card.first_name = (
        _component_of_value(found.get("N", []), 0),
        _component_of_value(found.get("N", []), 1),
    )
    if not card.first_name:
        whole = next(iter(texts.get("FN", [])), "")
        card.first_name, card.last_name = split_name(whole if card.last_name in whole else card.last_name)
    return card


def _component_of_value(values: list[str], number: int) -> str:
    """Return a component of the first value that has it, "" where none has."""
    split = ([_unescape_value(part) for part in _split_unescaped(value)] for value in values)
    return next((parts[number] for parts in split if len(parts) > number and parts[number]), "")


def _parse_vcard_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line's name in capitals and its decoded value."""
    found = _CARD.search(text)
    body = textwrap.dedent(found[0].replace("\r\n", "\n").replace("\r", "\n") if found else text)
    if "\n" not in body:
        body = _RUN_ON.sub("\n", _BREAKS.sub("\n", body).replace("\t", " "))
        body = body if "\n" in body else _GLUED.sub("\n", body)
    lines = body.split("\n")
    body = "\n".join(_strip_common_indent(lines))
    body = "\n".join(_END.sub("\nEND:VCARD", line) for line in body.split("\n"))
    for line, number in getLogicalLines(io.StringIO(body), allowQP="QUOTED-PRINTABLE" in body.upper()):
        try:
            name, given, _, _ = parseLine(line, number)
        except (ParseError, ValueError):
            continue
        parameters = [str(part).upper() for each in given for part in each]
        name = "FAX" if "FAX" in parameters else name.upper()
        yield name, _decode_value(_BEFORE_VALUE.sub("", line, count=1), parameters)


def _strip_common_indent(lines: list[str]) -> list[str]:
    """Return the lines of a card without the indent that all have that name a field; folded ones stay folded."""
    named = [line for line in lines[1:] if line.strip() and not _END.match(line.strip()) and ":" in line]
    indent = min((len(line) - len(line.lstrip(" \t")) for line in named), default=0)
    kept = [line[min(indent, len(line) - len(line.lstrip(" \t"))) :] for line in lines[1:]]
    return [lines[0], *(line.lstrip() if _NAMED_LINE.match(line) else line for line in kept)]


def _decode_value(value: str, parameters: Collection[str]) -> str:
    if "QUOTED-PRINTABLE" in parameters:
        raw = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
    elif {"B", "BASE64"}.isdisjoint(parameters):
        return value
    else:
        raw = _decode_base64(value)
    charset = next((each for each in parameters if each.startswith(_CHARSETS)), "UTF-8")
    for encoding in (charset, "UTF-8"):
        try:
            return raw.decode(encoding)
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", errors="replace")


def _decode_base64(value: str) -> bytes:
    try:
        return base64.b64decode(value.encode("ascii", "ignore") + b"==")
    except ValueError:
        return b""


def _split_unescaped(value: str) -> list[str]:
    parts, start = [], 0
    for sign in _PARTS.finditer(value):
        parts.append(value[start : sign.end() - 1])
        start = sign.end()
    return [*parts, value[start:]]


def _unescape_value(value: str) -> str:
    return _ESCAPED.sub(lambda sign: " " if sign[1] in "nN" else sign[1], value).strip()


def read_mecard(text: str) -> ContactCard:
    """Read a MeCard or BIZCARD, `MECARD:` or `BIZCARD:` in front."""
    head, _, body = text.partition(":")
    body = _NEXT_FIELD.sub(";", body)
    names: Mapping[str, str] = _BIZCARD if head.upper() == "BIZCARD" else _MECARD
    card = ContactCard()
    for part in _split_unescaped(body):
        name, _, value = part.strip().partition(":")
        name, value = name.strip().upper(), _unescape_value(value)
        if name == "N" and names is _MECARD and value:
            last, comma, first = part.partition(":")[2].partition(",")
            pair = (_unescape_value(first), _unescape_value(last)) if comma else split_name(value)
            card.first_name, card.last_name = pair
        elif name == "ADR":
            card.country = value.rpartition(",")[2].strip()
        elif names.get(name) in ("emails", "phones"):
            getattr(card, names[name]).append(value)
        elif name in names and not getattr(card, names[name]):
            setattr(card, names[name], value)
    return card
