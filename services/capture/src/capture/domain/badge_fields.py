"""The fields of a badge that is no card and no link, with names or without, and the person that they make."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pydantic_core import PydanticCustomError

from capture.domain.cards import is_form_of_address, split_name
from capture.domain.countries import read_country
from capture.domain.identity import Email, read_email
from capture.domain.phones import read_phone
from capture.domain.text import LONGEST_LINE, clean
from events.names import fold
from events.parts import JsonObject

LONGEST_ID = 100

_PREFIX = re.compile(
    r"^(?:(?:badge|reg(?:istration)?|att(?:endee)?|delegate|visitor|ticket)[ _-]?(?:id|no|nr)?|id|no|nr|qr|bc)"
    r"\s*[:=#_/-]\s*(?=\S)",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"(?:urn:uuid:|\u2116\s*)(.+)|\{([^{}]+)\}|\*([^*]+)\*|(\d{3,})\.0", re.IGNORECASE)
"""An id within signs that are none of its own: of Code 39, of a GUID, of a table that counted with it."""
_BARE = re.compile(r"[\w.@+:/#=-]+( [\w.-]+)?")
_ADDRESSED = re.compile(r"\s*\"?([^\"<>@]{1,200}?)\"?\s*<\s*([^<>\s]+)\s*>\s*")
_SIGNS = ("\n", "|", "^", ";", "\t", ",", "~", "::", "$", "*", "#", "\\", "/", "&")
"""What organisers put between the fields of a badge, the likeliest first."""
_NUMBER = re.compile(r"\+[\d ().-]{7,30}", re.ASCII)
_LABELLED = re.compile(r"([^\W\d_][^\W\d]?[\w .'-]{0,30}?)\s*[:=]\s*(\S.*)")
_DEEPEST = 4
_FEWEST_FIELDS = 3
_IDS = ("badge_id", "badgeid", "badge", "registration_id", "registrationid", "registration", "reg_id", "regid", "reg",
        "uuid", "guid",
        "attendee_id", "attendeeid", "attendee", "delegate", "visitor", "ticket", "barcode", "uid", "id", "code", "qr",
        "ref", "b", "r", "i")  # fmt: skip
_ROLES = frozenset(
    ("visitor", "attendee", "exhibitor", "speaker", "vip", "press", "staff", "guest", "delegate", "member", "student",
     "organiser", "organizer", "sponsor", "besucher", "aussteller", "referent", "presse", "gast", "teilnehmer",
     "visiteur", "exposant", "visitante", "expositor", "visitatore", "espositore", "bezoeker")
)  # fmt: skip
"""In which part somebody is there, as badges say; folded."""
_OTHERS = frozenset(
    ("organizer", "organiser", "host", "event", "exhibitor", "sponsor", "venue", "support", "owner", "rep",
     "scanned_by", "scanner", "seller", "buyer", "booked_by", "created_by", "inviter", "referrer", "issuer",
     "veranstalter", "aussteller", "organisateur", "exposant", "organizador", "expositor")
)  # fmt: skip
"""Objects within a badge's JSON that are about somebody else."""
_POSITION = re.compile(
    r"\b(?:head of|manager|director|officer|engineer|president|ceo|cto|cfo|cmo|vp|leiter(?:in)?"
    r"|gesch[aä]ftsf[uü]hrer(?:in)?|directeur|directrice|responsable|gerente|diretora?|responsabile)\b",
    re.IGNORECASE,
)
"""What a position is called, and a company not."""
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
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


def read_fields(text: str) -> Badge:
    """Read what is no card and no link: JSON, `Name <mail>`, fields between signs, an address within other text."""
    if text.startswith(("{", "[", '"{')) and (found := _object(text)) is not None:
        return named(dict(_flat(found)))
    if _NUMBER.fullmatch(text) and (phone := phone_as(text)):
        return Badge(phone=phone)
    addressed = _ADDRESSED.fullmatch(text)
    if addressed and (email := email_as(addressed[2])):
        first, last = split_name(addressed[1])
        return Badge(email=email, first_name=line_of(first), last_name=line_of(last))
    if found_badge := _labelled(text):
        return found_badge
    sign = next((sign for sign in _SIGNS if text.count(sign) >= _FEWEST_FIELDS - 1), None)
    if sign is not None and (found_badge := _delimited(_parts(text, sign), is_card=sign == "\n")):
        return found_badge
    return Badge(reference=id_in(text))


def _object(text: str) -> JsonObject | None:
    """Return the object that JSON holds, alone in a list or as a text too, and with the quotes of other languages."""
    for spelling in (text, text.replace("'", '"')):
        try:
            found = json.loads(spelling)
            found = json.loads(found) if isinstance(found, str) else found
        except (ValueError, RecursionError):
            continue
        found = found[0] if isinstance(found, list) and len(found) == 1 else found
        if isinstance(found, dict):
            return found
    return None


def _parts(text: str, sign: str) -> list[str]:
    """Return the fields between signs; one in quotes may hold the sign."""
    if '"' not in text or sign in ("\n", "::"):
        return [part.strip() for part in text.split(sign)]
    return [part.strip() for line in csv.reader(text.splitlines(), delimiter=sign) for part in line]


def _labelled(text: str) -> Badge | None:
    """Read `Name: Ada` a line, `Name=Ada;E-Mail=ada@...`, or `name=Ada&id=7`; None where it is none of these."""
    for sign in (sign for sign in _SIGNS if sign != "&"):
        lines = [line.strip() for line in text.split(sign) if line.strip()]
        pairs = [(label[1], label[2].strip()) for line in lines if (label := _LABELLED.fullmatch(line))]
        if len(pairs) >= max(2, len(lines) / 2):  # one alone may be a prefixed id
            return named({key_of(name): value for name, value in pairs})
    pairs = parse_qsl(text) if "&" in text and "@" in text else []
    return named({key_of(name): value for name, value in pairs}) if pairs else None


def key_of(name: str) -> str:
    """Return the name of a field in the spelling that all of its spellings share."""
    return re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")


def _flat(found: JsonObject, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of an object, those within objects before its own, which count where both have one."""
    if depth < _DEEPEST:
        for name, value in found.items():
            if isinstance(value, dict) and key_of(name) not in _OTHERS:
                yield from _flat(value, depth + 1)
    for name, value in found.items():
        if text := _text(value):
            yield key_of(name), text


def _text(value: object) -> str:
    """Return a scalar of JSON as text, and nothing of a structure."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _delimited(parts: list[str], *, is_card: bool) -> Badge | None:
    """Read fields without names: the address, the phone and the id by their looks, the names by their order.

    On a card whose fields are its lines, a first one of several words is the whole name.
    """
    found = [email for part in parts if (email := email_as(part) if "@" in part else None)]
    emails = {each.identity: each for each in found}
    phones = {phone for part in parts if part.startswith("+") and (phone := phone_as(part))}
    if len(emails) > 1 or (not emails and len(phones) != 1):
        return None
    email = next(iter(emails.values()), None)
    phone = next(filter(None, (phone_as(part) for part in parts if part.startswith(("+", "00")))), None)
    texts = [part for part in parts if part and not any(letter.isdigit() or letter in "@/" for letter in part)]
    country, kept = _without_labels(texts, email)
    first, last, company, title = [*kept[:4], "", "", "", ""][:4]
    if " " in first and (is_card or not company or _is_whole(first, last, email)):
        company, title = last, company
        first, last = split_name(first)
    if _POSITION.search(company) and not _POSITION.search(title):
        company, title = title, company
    if email and first and last and email.local.casefold().startswith(last.casefold()):
        first, last = last, first
    return Badge(
        reference=_first_id(part for part in parts if part not in texts), email=email, phone=phone,
        first_name=line_of(first), last_name=line_of(last), company=line_of(company), job_title=line_of(title),
        country=country,
    )  # fmt: skip


def _without_labels(texts: list[str], email: Email | None) -> tuple[str | None, list[str]]:
    """Return the country behind a company, and the texts that are neither it nor a form of address or a role."""
    local = fold(email.local) if email else ""
    kept = [
        text
        for place, text in enumerate(texts)
        if not is_form_of_address(text)
        and not (place != 1 and fold(text) in _ROLES and fold(text) not in local)
        and not text.startswith("www.")
    ]
    country = next((text for text in kept[3:] if read_country(text)), None)
    return read_country(country or ""), [text for text in kept if text is not country]


def _is_whole(first: str, last: str, email: Email | None) -> bool:
    """Return whether an address shows that the first text of a badge is a whole name, and the second none."""
    local = fold(email.local) if email else ""
    return fold(first.rsplit(maxsplit=1)[-1]) in local and fold(last) not in local


def _first_id(parts: Iterable[str]) -> str | None:
    """Return the first number among the parts, else the first id: the event and the year stand beside it."""
    ids = [found for part in parts if "@" not in part and not part.startswith("+") and (found := id_in(part))]
    return next((each for each in ids if each.isdecimal() and not _YEAR.fullmatch(each)), next(iter(ids), None))


def named(given: Mapping[str, str]) -> Badge:
    """Return the badge that fields by lower-case names make, whichever of the usual names they have."""
    known = {field: next((given[name] for name in names if given.get(name)), "") for field, names in _FIELDS.items()}
    reference = next((given[name] for name in _IDS if given.get(name)), "")
    if not known["first_name"] and not known["last_name"]:
        known["first_name"], known["last_name"] = split_name(known["name"])
    country = read_country(known["country"]) if known["country"] else None
    return Badge(
        reference=id_in(reference) if reference else None,
        email=email_as(known["email"]),
        phone=phone_as(known["phone"], country),
        first_name=line_of(known["first_name"]),
        last_name=line_of(known["last_name"]),
        company=line_of(known["company"]),
        job_title=line_of(known["job_title"]),
        country=country,
    )


def id_in(text: str) -> str | None:
    """Return an id without the words that some scanners and organisers put before it."""
    bare = text.strip()
    wrapped = _WRAPPED.fullmatch(bare)
    bare = _PREFIX.sub("", next(filter(None, wrapped.groups())) if wrapped else bare, count=1)
    return bare if len(bare) <= LONGEST_ID and _BARE.fullmatch(bare) else None


def email_as(text: str) -> Email | None:
    """Return the address that a text is, None where it is none."""
    try:
        return read_email(text)
    except PydanticCustomError:
        return None


def phone_as(text: str, country: str | None = None) -> str | None:
    """Return the number (E.164) that a text is, None where it is none; `country` is that of a national one."""
    try:
        return read_phone(text, country)
    except PydanticCustomError:
        return None


def line_of(value: str) -> str | None:
    """Return one line of a card as a field takes it: composed, bounded; None where it is empty."""
    text = " ".join(value.split())
    return clean(text)[:LONGEST_LINE] or None
