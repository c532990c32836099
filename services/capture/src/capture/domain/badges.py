"""What a scanner read off a badge: a card, a link, JSON, fields between signs, a bare or prefixed registration id.

No two organisers agree on what a badge holds, and no scan may be lost because of it: what cannot be read as a person
is an id, and what is no id is one all the same, by its hash.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic_core import PydanticCustomError

from capture.domain.cards import ContactCard, read_mecard, read_vcard, split_name
from capture.domain.countries import read_country
from capture.domain.identity import Email, emails_within, read_email, read_phone
from capture.domain.text import LONGEST_LINE, clean
from events.names import fold

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
_TURNED = re.compile(r"(begin:vcard\s+version:|mecard:).*(?<![A-Za-z])[a-z][A-Z]{2}", re.DOTALL)
"""A card that was typed under a pressed caps lock."""
_ADDRESSED = re.compile(r"\s*\"?([^\"<>@]{1,200}?)\"?\s*<\s*([^<>\s]+)\s*>\s*")
_SIGNS = "|^;\t,~$*#\n"
"""What organisers put between the fields of a badge, the likeliest first."""
_NEVER_OF_A_MAILBOX = "|^~="
"""Allowed in an address, and written between or before the fields of a badge alone."""
_SELDOM_OF_A_MAILBOX = "$*#"
"""The same, where there are two of one kind."""
_LABELLED = re.compile(r"([A-Za-z][A-Za-z _-]{0,30}?)\s*[:=]\s*(\S.*)")
_DEEPEST = 4
_FEWEST_FIELDS = 3
_GERMAN = str.maketrans("yzYZöÖäÄüÜ+*ß?-_\xb4`\"§&/()=#';:°", "zyZY;:'\"[{]}-_/?=+@#^&*()\\|<>~")
"""What a scanner that plays an American keyboard types on a German one, and what it meant."""
_IDS = ("badge_id", "badgeid", "badge", "registration_id", "registrationid", "registration", "reg_id", "regid", "reg",
        "attendee_id", "attendeeid", "attendee", "delegate", "visitor", "ticket", "barcode", "uid", "id", "code", "qr",
        "ref", "b", "r", "i")  # fmt: skip
_FIELDS = {
    "name": ("name", "full_name", "fullname", "attendee_name", "display_name", "nom_complet", "nombre", "nome"),
    "country": ("country", "country_code", "land", "pays", "pais"),
    "email": ("email", "e_mail", "email_address", "e_mail_address", "mail", "correo", "courriel", "em", "e"),
    "phone": ("phone", "phone_number", "telephone", "tel", "mobile", "cell", "telefon", "telefono", "mobil"),
    "first_name": ("first_name", "firstname", "first", "fname", "givenname", "fn", "vorname", "prenom"),
    "last_name": ("last_name", "lastname", "last", "lname", "surname", "familyname", "ln", "nachname", "nom",
                  "apellidos", "apellido", "sobrenome"),
    "company": ("company", "org", "organisation", "organization", "firm", "company_name", "firma", "empresa", "societe",
                "co", "c"),
    "job_title": ("job_title", "jobtitle", "title", "position", "role", "funktion", "cargo", "fonction"),
}  # fmt: skip


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
    """Return what a scanner read as a badge, which has at least one of e-mail, phone and id."""
    typed = _untyped(text)
    found = _read(typed)
    if found.email is None:
        found = replace(found, email=_shown(typed))
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
    if "begin:vcard" in lowered or "begin:vcard" in text[:200].lower():
        return _person(read_vcard(text))
    if lowered.startswith(("mecard:", "bizcard:")):
        return _person(read_mecard(text))
    if lowered.startswith(("http://", "https://")):
        return _link(text)
    if lowered.startswith("mailto:"):
        return Badge(email=_email(unquote(text[7:].partition("?")[0])))
    if lowered.startswith("tel:"):
        return Badge(phone=_phone(text[4:]))
    email = _email(text) if "@" in text and not _has_fields(text) else None
    return Badge(email=email) if email else _fields(text)


def _has_fields(text: str) -> bool:
    """Return whether signs stand in a text that nobody has in an address, though the standard allows them."""
    return any(sign in text for sign in _NEVER_OF_A_MAILBOX) or any(
        text.count(sign) > 1 for sign in _SELDOM_OF_A_MAILBOX
    )


def _fields(text: str) -> Badge:
    """Read what is no card and no link: JSON, `Name <mail>`, fields between signs, an address within other text."""
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return _named(dict(_flat(found)))
    addressed = _ADDRESSED.fullmatch(text)
    if addressed and (email := _email(addressed[2])):
        first, last = split_name(addressed[1])
        return Badge(email=email, first_name=_line(first), last_name=_line(last))
    if found_badge := _labelled(text):
        return found_badge
    sign = next((sign for sign in _SIGNS if text.count(sign) >= _FEWEST_FIELDS - 1), None)
    if sign is not None and (found_badge := _delimited(_parts(text, sign))):
        return found_badge
    return Badge(reference=_id(text))


def _parts(text: str, sign: str) -> list[str]:
    """Return the fields between signs; one in quotes may hold the sign."""
    if '"' not in text or sign == "\n":
        return [part.strip() for part in text.split(sign)]
    return [part.strip() for line in csv.reader(text.splitlines(), delimiter=sign) for part in line]


def _shown(text: str) -> Email | None:
    """Return the one address that a text shows anywhere; None where it shows none, or several people's."""
    places = emails_within(unquote(text)) if "%" in text else emails_within(text)
    shown = {email.identity: email for part in places if (email := _email(part.removeprefix("mailto:")))}
    return next(iter(shown.values())) if len(shown) == 1 else None


def _labelled(text: str) -> Badge | None:
    """Read `Name: Ada` a line, `Name=Ada;E-Mail=ada@...`, or `name=Ada&id=7`; None where it is none of these."""
    for sign in ("\n", ";", "|", ",", "\t"):
        lines = [line.strip() for line in text.split(sign) if line.strip()]
        pairs = [(label[1], label[2].strip()) for line in lines if (label := _LABELLED.fullmatch(line))]
        if len(pairs) >= max(2, len(lines) / 2):  # one alone may be a prefixed id
            return _named({_key(name): value for name, value in pairs})
    pairs = parse_qsl(text) if "&" in text and "@" in text else []
    return _named({_key(name): value for name, value in pairs}) if pairs else None


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")


def _flat(found: Mapping[str, object], depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of an object, those within objects before its own, which count where both have one."""
    if depth < _DEEPEST:
        for value in found.values():
            if isinstance(value, dict):
                yield from _flat(value, depth + 1)
    for name, value in found.items():
        if text := _text(value):
            yield _key(name), text


def _text(value: object) -> str:
    """Return a scalar of JSON as text, and nothing of a structure."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _delimited(parts: list[str]) -> Badge | None:
    """Read fields without names: the address, the phone and the id by their looks, the names by their order."""
    emails = [(place, email) for place, part in enumerate(parts) if (email := _email(part) if "@" in part else None)]
    if len(emails) != 1:
        return None
    (_, email) = emails[0]
    phone = next(filter(None, (_phone(part) for part in parts if part.startswith(("+", "00")))), None)
    texts = [part for part in parts if part and not any(letter.isdigit() or letter == "@" for letter in part)]
    first, last, company, title = [*texts[:4], "", "", "", ""][:4]
    if " " in first and not company:
        first, last, company = *split_name(first), last
    if first and last and email.local.casefold().startswith(last.casefold()):
        first, last = last, first
    named = (part for part in parts if part and part not in texts and "@" not in part and not part.startswith("+"))
    return Badge(
        reference=next(filter(None, map(_id, named)), None), email=email, phone=phone, first_name=_line(first),
        last_name=_line(last), company=_line(company), job_title=_line(title),
    )  # fmt: skip


def _person(card: ContactCard) -> Badge:
    country = read_country(card.country) if card.country else None
    return Badge(
        reference=_id(card.uid) if card.uid else None,
        email=next(filter(None, map(_email, card.emails)), None),
        phone=next(filter(None, (_phone(each, country) for each in card.phones)), None),
        first_name=_line(card.first_name),
        last_name=_line(card.last_name),
        company=_line(card.company),
        job_title=_line(card.job_title),
        country=country,
    )


def _link(text: str) -> Badge:
    try:
        parts = urlsplit(text)
    except ValueError:
        return Badge()
    given = {_key(name): value for name, value in parse_qsl(parts.query + "&" + parts.fragment) if value}
    found = _named(given)
    last = [part for part in unquote(parts.path).split("/") if part]
    if found.reference is None and not given and last:
        return replace(found, reference=_id(last[-1]))
    return found


def _named(given: Mapping[str, str]) -> Badge:
    """Return the badge that fields by lower-case names make, whichever of the usual names they have."""
    known = {field: next((given[name] for name in names if given.get(name)), "") for field, names in _FIELDS.items()}
    reference = next((given[name] for name in _IDS if given.get(name)), "")
    if not known["first_name"] and not known["last_name"]:
        known["first_name"], known["last_name"] = split_name(known["name"])
    country = read_country(known["country"]) if known["country"] else None
    return Badge(
        reference=_id(reference) if reference else None,
        email=_email(known["email"]),
        phone=_phone(known["phone"], country),
        first_name=_line(known["first_name"]),
        last_name=_line(known["last_name"]),
        company=_line(known["company"]),
        job_title=_line(known["job_title"]),
        country=country,
    )


def _id(text: str) -> str | None:
    """Return an id without the words that some scanners and organisers put before it."""
    bare = _PREFIX.sub("", text.strip(), count=1)
    return bare if len(bare) <= LONGEST_ID and _BARE.fullmatch(bare) else None


def _email(text: str) -> Email | None:
    try:
        return read_email(text)
    except PydanticCustomError:
        return None


def _phone(text: str, country: str | None = None) -> str | None:
    try:
        return read_phone(text, country)
    except PydanticCustomError:
        return None


def _line(value: str) -> str | None:
    """Return one line of a card as a field takes it: composed, bounded; None where it is empty."""
    text = " ".join(value.split())
    return clean(text)[:LONGEST_LINE] or None
