"""What a scanner read off a badge: a vCard, a MeCard, a link, a bare or prefixed registration id, typed or sent.

No two organisers agree on what a badge holds, and no scan may be lost because of it: what cannot be read as a person
is an id, and what is no id is one all the same, by its hash.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote, urlsplit

import vobject
from pydantic_core import PydanticCustomError

from capture.domain.countries import COUNTRIES
from capture.domain.identity import Email, read_email, read_phone
from capture.domain.text import LONGEST_LINE, clean

LONGEST_BADGE = 8_000
LONGEST_ID = 100

_SYMBOLOGY = re.compile(r"^\][A-Za-z]\d")
"""The symbology identifier that scanners put before what they read (ISO/IEC 15424)."""
_PREFIX = re.compile(
    r"^(?:(?:badge|reg(?:istration)?|att(?:endee)?|delegate|visitor|ticket)[ _-]?(?:id|no|nr)?|id|no|nr|qr|bc)"
    r"\s*[:=#_/-]\s*(?=\S)",
    re.IGNORECASE,
)
_BARE = re.compile(r"[\w.@+:/#=-]+( [\w.-]+)?")
_VCARD = re.compile(r"begin:vcard.*?end:vcard", re.IGNORECASE | re.DOTALL)
_TURNED = re.compile(r"(begin:vcard\s+version:|mecard:).*(?<![A-Za-z])[a-z][A-Z]{2}", re.DOTALL)
"""A card that was typed under a pressed caps lock."""
_FIELD = re.compile(r"(?<!\\);")
_SPLIT_CARD = re.compile(r"\s+(?=(?:VERSION|N|FN|ORG|TITLE|TEL|EMAIL|ADR|URL|UID|NOTE|END)(?:;[^:\s]*)?:)")
_GERMAN = str.maketrans("yzYZöÖäÄüÜ+*ß?-_\xb4`\"§&/()=#';:°", "zyZY;:'\"[{]}-_/?=+@#^&*()\\|<>~")
"""What a scanner that plays an American keyboard types on a German one, and what it meant."""
_IDS = ("badge_id", "badgeid", "badge", "registration_id", "registrationid", "registration", "reg_id", "regid", "reg",
        "attendee_id", "attendeeid", "attendee", "delegate", "visitor", "ticket", "barcode", "uid", "id", "code", "qr",
        "ref", "b", "r", "i")  # fmt: skip
_TOLD = {
    "email": ("email", "e-mail", "mail", "e"),
    "phone": ("phone", "tel", "mobile", "cell"),
    "first_name": ("first_name", "firstname", "first", "fname", "givenname"),
    "last_name": ("last_name", "lastname", "last", "lname", "surname", "familyname"),
    "company": ("company", "org", "organisation", "organization", "firm"),
    "job_title": ("job_title", "jobtitle", "title", "position", "role"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """Who wears a badge, as far as it says. `reference` is its own id at this event, where it has one."""

    reference: str | None = None
    email: Email | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    country: str | None = None


def read_badge(text: str) -> Badge:
    """Read what a scanner sent; gives a badge that names somebody by an e-mail, a phone or an id."""
    typed = _untyped(text)
    found = _read(typed)
    if found.reference is None and found.email is None and found.phone is None:
        found = replace(found, reference=hashlib.blake2b(typed.encode(), digest_size=16).hexdigest())
    return found


def _untyped(text: str) -> str:
    """Take out what the scanner added: control characters, its symbology, another keyboard, caps lock."""
    kept = "".join(letter if letter.isprintable() or letter in "\r\n\t" else "" for letter in text)
    kept = _SYMBOLOGY.sub("", kept.strip()).strip()
    if kept.startswith(("BEGINÖVCARD", "MECARDÖ", "MATMSGÖ", "httpÖ--", "httpsÖ--", "mailtoÖ")):
        kept = kept.translate(_GERMAN)
    return kept.swapcase() if _TURNED.match(kept) else kept


def _read(text: str) -> Badge:
    lowered = text[:12].lower()
    if "begin:vcard" in lowered:
        return _vcard(text)
    if lowered.startswith("mecard:"):
        return _mecard(text)
    if lowered.startswith(("http://", "https://")):
        return _link(text)
    if lowered.startswith("mailto:"):
        return Badge(email=_email(unquote(text[7:].partition("?")[0])))
    if lowered.startswith("tel:"):
        return Badge(phone=_phone(text[4:]))
    email = _email(text) if "@" in text else None
    return Badge(email=email) if email else Badge(reference=_id(text))


def _vcard(text: str) -> Badge:
    card = _VCARD.search(text)
    body = card[0] if card else text + "\tEND:VCARD"
    if "\n" not in body and "\r" not in body:
        body = _SPLIT_CARD.sub("\n", body.replace("\\n", "\n").replace("\t", " "))
    body = re.sub(r"\r\n?|\t(?=END:VCARD)", "\n", body)
    body = re.sub(r"(?i)^begin:vcard", "BEGIN:VCARD", re.sub(r"(?i)end:vcard$", "END:VCARD", body))
    try:
        found = vobject.readOne(body, ignoreUnreadable=True, allowQP="QUOTED-PRINTABLE" in body.upper()).contents
    except Exception:  # noqa: BLE001 - the library raises what it meets; a card that it cannot read is an id
        return Badge()
    return _person(
        name=_first(found, "n"), whole=_first(found, "fn"), org=_first(found, "org"), title=_first(found, "title"),
        emails=_all(found, "email"), phones=_all(found, "tel"), country=_first(found, "adr"), uid=_first(found, "uid"),
    )  # fmt: skip


def _all(found: dict[str, list[object]], name: str) -> list[str]:
    return [str(getattr(one, "value", "")) for one in found.get(name, [])]


def _first(found: dict[str, list[object]], name: str) -> object:
    return getattr(found[name][0], "value", None) if found.get(name) else None


def _person(
    *, name: object, whole: object, org: object, title: object, emails: list[str], phones: list[str],
    country: object, uid: object,
) -> Badge:  # fmt: skip
    first, last = getattr(name, "given", None), getattr(name, "family", None)
    if not first and not last and whole:
        first, _, last = str(whole).rpartition(" ")
    nation = str(getattr(country, "country", "") or "").strip().upper()
    return Badge(
        reference=_id(str(uid).removeprefix("urn:uuid:")) if uid else None,
        email=next(filter(None, map(_email, emails)), None),
        phone=next(filter(None, (_phone(one, nation) for one in phones)), None),
        first_name=_line(_flat(first)),
        last_name=_line(_flat(last)),
        company=_line(org[0] if isinstance(org, list) and org else org),
        job_title=_line(title),
        country=nation if nation in COUNTRIES else None,
    )


def _flat(part: object) -> object:
    return " ".join(map(str, part)) if isinstance(part, list) else part


def _mecard(text: str) -> Badge:
    pairs: dict[str, str] = {}
    for part in _FIELD.split(text[7:]):
        name, _, value = part.partition(":")
        pairs.setdefault(name.strip().upper(), re.sub(r"\\(.)", r"\1", value).strip())
    last, _, first = pairs.get("N", "").partition(",")
    return Badge(
        email=_email(pairs.get("EMAIL", "")),
        phone=_phone(pairs.get("TEL", "")),
        first_name=_line(first),
        last_name=_line(last),
        company=_line(pairs.get("ORG")),
        job_title=_line(pairs.get("TITLE")),
    )


def _link(text: str) -> Badge:
    try:
        parts = urlsplit(text)
    except ValueError:
        return Badge()
    given = {name.lower(): value for name, value in parse_qsl(parts.query + "&" + parts.fragment) if value}
    told = {field: next((given[name] for name in names if name in given), None) for field, names in _TOLD.items()}
    last = [part for part in unquote(parts.path).split("/") if part]
    reference = next((given[name] for name in _IDS if name in given), None)
    if reference is None and not given and last:
        reference = last[-1]
    return Badge(
        reference=_id(reference) if reference else None,
        email=_email(told["email"] or ""),
        phone=_phone(told["phone"] or ""),
        first_name=_line(told["first_name"]),
        last_name=_line(told["last_name"]),
        company=_line(told["company"]),
        job_title=_line(told["job_title"]),
    )


def _id(text: str) -> str | None:
    """Give an id without the words that some scanners and organisers put before it."""
    bare = _PREFIX.sub("", text.strip(), count=1)
    return bare if len(bare) <= LONGEST_ID and _BARE.fullmatch(bare) else None


def _email(text: str) -> Email | None:
    try:
        return read_email(text)
    except PydanticCustomError:
        return None


def _phone(text: str, country: str = "") -> str | None:
    try:
        return read_phone(text.removeprefix("tel:").partition(";")[0], country if country in COUNTRIES else None)
    except PydanticCustomError:
        return None


def _line(value: object) -> str | None:
    """Give one line of a card as a field holds it: composed, bounded, without what no field takes."""
    text = " ".join(str(value or "").split())
    return clean(text)[:LONGEST_LINE] or None
