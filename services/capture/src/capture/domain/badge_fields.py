"""The fields of a badge that is no card and no link, with names or without, and the person that they make."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pydantic_core import PydanticCustomError

from capture.domain.cards import is_form_of_address, split_name
from capture.domain.cell_texts import restore_original_text
from capture.domain.countries import read_country
from capture.domain.identity import Email, read_email
from capture.domain.phones import parse_phone_number
from capture.domain.submission import none_if_placeholder
from capture.domain.text import LONGEST_LINE, normalize_line
from events.names import fold_case_and_accents
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
_TAGGED = re.compile(r"<([A-Za-z_]{1,30})>([^<>]+)</\1>", re.ASCII)
"""A field of XML."""
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
_ON_ALL_BADGES = _ROLES | frozenset(
    (*_IDS, "no", "nr", "na", "null", "none", "nil", "nan", "undefined", "unknown", "test", "testing", "demo", "sample",
     "example", "muster", "probe", "app", "scan", "welcome")
)  # fmt: skip
"""Words that tell nobody apart: of parts, of labels, of badges that were never filled in."""
_TERM = re.compile(r"[^\W_]+")
_OTHERS = frozenset(
    ("organizer", "organiser", "host", "event", "exhibitor", "sponsor", "venue", "support", "owner", "rep",
     "scanned_by", "scanner", "seller", "buyer", "booked_by", "created_by", "inviter", "referrer", "issuer",
     "veranstalter", "aussteller", "organisateur", "exposant", "organizador", "expositor")
)  # fmt: skip
"""Objects within a badge's JSON that are about somebody else."""
_POSITION = re.compile(
    r"\b(?:head of|manager|director|officer|engineer|president|ceo|cto|cfo|cmo|coo|cio|vp|leiter(?:in)?"
    r"|founder|consultant|analyst|developer|architect|specialist|coordinator|executive|buyer"
    r"|gesch[aä]ftsf[uü]hrer(?:in)?|directeur|directrice|responsable|gerente|diretora?|responsabile)\b",
    re.IGNORECASE,
)
"""What a position is called, and a company not."""
_MONSIEUR = ("m", "m.")
"""A form of address before two names and a company, and an initial else."""
_WHOLE_BADGE = 3
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


def read_badge_fields(text: str) -> Badge:
    """Read what is no card and no link: JSON, `Name <mail>`, fields between signs, an address within other text."""
    if text.startswith(("{", "[", '"{')) and (found := _parse_json_object(text)) is not None:
        return badge_from_fields(dict(_flatten_object(found)))
    if _NUMBER.fullmatch(text) and (phone := parse_phone_or_none(text)):
        return Badge(phone=phone)
    addressed = _ADDRESSED.fullmatch(text)
    if addressed and (email := parse_email_or_none(addressed[2])):
        first, last = split_name(addressed[1])
        return Badge(email=email, first_name=normalize_line_or_none(first), last_name=normalize_line_or_none(last))
    if found_badge := _parse_labelled_fields(text):
        return found_badge
    sign = next((sign for sign in _SIGNS if text.count(sign) >= _FEWEST_FIELDS - 1), None)
    if sign is not None and (found_badge := _parse_unlabelled_fields(_split_fields(text, sign), is_card=sign == "\n")):
        return found_badge
    return Badge(reference=strip_id_prefix(text))


def _parse_json_object(text: str) -> JsonObject | None:
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


def _split_fields(text: str, sign: str) -> list[str]:
    """Return the fields between signs; one in quotes may hold the sign."""
    if '"' not in text or sign in ("\n", "::"):
        return [part.strip() for part in text.split(sign)]
    return [part.strip() for line in csv.reader(text.splitlines(), delimiter=sign) for part in line]


def _parse_labelled_fields(text: str) -> Badge | None:
    """Read `Name: Ada` a line, `Name=Ada;E-Mail=ada@...`, `name=Ada&id=7`, or XML; None where it is none of these."""
    for sign in (sign for sign in _SIGNS if sign != "&"):
        lines = [line.strip() for line in text.split(sign) if line.strip()]
        pairs = [(label[1], label[2].strip()) for line in lines if (label := _LABELLED.fullmatch(line))]
        if len(pairs) >= max(2, len(lines) / 2):  # one alone may be a prefixed id
            return badge_from_fields({normalize_field_name(name): value for name, value in pairs})
    pairs = _TAGGED.findall(text) if text.startswith("<") else []
    if "&" in text and ("@" in text or "%40" in text):
        pairs = parse_qsl(text)
    return badge_from_fields({normalize_field_name(name): value for name, value in pairs}) if pairs else None


def normalize_field_name(name: str) -> str:
    """Return the name of a field in the spelling that all of its spellings share."""
    return re.sub(r"[^a-z0-9]+", "_", fold_case_and_accents(name)).strip("_")


def _flatten_object(found: JsonObject, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of an object, those within objects before its own, which count where both have one."""
    if depth < _DEEPEST:
        for name, value in found.items():
            if isinstance(value, dict) and normalize_field_name(name) not in _OTHERS:
                yield from _flatten_object(value, depth + 1)
    for name, value in found.items():
        if text := _scalar_to_text(value):
            yield normalize_field_name(name), text


def _scalar_to_text(value: object) -> str:
    """Return a scalar of JSON as text, and nothing of a structure."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _parse_unlabelled_fields(parts: list[str], *, is_card: bool) -> Badge | None:
    """Read fields without names: the address, the phone and the id by their looks, the names by their order.

    On a card whose fields are its lines, and before a position, a first one of several words is the whole name.
    """
    found = [email for part in parts if (email := parse_email_or_none(part) if "@" in part else None)]
    emails = {each.canonical: each for each in found}
    phones = {phone for part in parts if part.startswith("+") and (phone := parse_phone_or_none(part))}
    if len(emails) > 1 or (not emails and len(phones) != 1):
        return None
    email = next(iter(emails.values()), None)
    phone = next(filter(None, (parse_phone_or_none(part) for part in parts if part.startswith(("+", "00")))), None)
    texts = [part for part in parts if part and not any(letter.isdigit() or letter in "@/" for letter in part)]
    country, kept = _split_off_country_and_titles(texts, email)
    first, last, company, title = [*kept[:4], "", "", "", ""][:4]
    if " " in first and (is_card or not company or _POSITION.search(last) or _is_whole_name(first, last, email)):
        company, title = last, company
        first, last = split_name(first)
    if _POSITION.search(company) and not _POSITION.search(title):
        company, title = title, company
    if email and first and last and email.local.casefold().startswith(last.casefold()):
        first, last = last, first
    return Badge(
        reference=_first_number_or_id(part for part in parts if part not in texts), email=email, phone=phone,
        first_name=normalize_line_or_none(first), last_name=normalize_line_or_none(last),
        company=normalize_line_or_none(company), job_title=normalize_line_or_none(title), country=country,
    )  # fmt: skip


def _split_off_country_and_titles(texts: list[str], email: Email | None) -> tuple[str | None, list[str]]:
    """Return the country behind a company, and the texts that are neither it nor a form of address or a role."""
    local = fold_case_and_accents(email.local) if email else ""
    kept = [
        text
        for place, text in enumerate(texts)
        if not is_form_of_address(text)
        and not (place == 0 and fold_case_and_accents(text) in _MONSIEUR and len(texts) > _WHOLE_BADGE)
        and not (place != 1 and fold_case_and_accents(text) in _ROLES and fold_case_and_accents(text) not in local)
        and not text.startswith("www.")
    ]
    country = next((text for text in kept[3:] if read_country(text)), None)
    return read_country(country or ""), [text for text in kept if text is not country]


def _is_whole_name(first: str, last: str, email: Email | None) -> bool:
    """Return whether an address shows that the first text of a badge is a whole name, and the second none."""
    local = fold_case_and_accents(email.local) if email else ""
    return fold_case_and_accents(first.rsplit(maxsplit=1)[-1]) in local and fold_case_and_accents(last) not in local


def _first_number_or_id(parts: Iterable[str]) -> str | None:
    """Return the first number among the parts, else the first id: the event and the year stand beside it."""
    ids = [found for part in parts if "@" not in part and not part.startswith("+") and (found := strip_id_prefix(part))]
    return next((each for each in ids if each.isdecimal() and not _YEAR.fullmatch(each)), next(iter(ids), None))


def badge_from_fields(given: Mapping[str, str]) -> Badge:
    """Return the badge that fields by lower-case names make, whichever of the usual names they have."""
    known = {field: next((given[name] for name in names if given.get(name)), "") for field, names in _FIELDS.items()}
    reference = next(filter(None, (strip_id_prefix(given[name]) for name in _IDS if given.get(name))), None)
    if not known["first_name"] and not known["last_name"]:
        known["first_name"], known["last_name"] = split_name(known["name"])
    country = read_country(known["country"]) if known["country"] else None
    return Badge(
        reference=reference,
        email=parse_email_or_none(known["email"]),
        phone=parse_phone_or_none(known["phone"], country),
        first_name=normalize_line_or_none(known["first_name"]),
        last_name=normalize_line_or_none(known["last_name"]),
        company=normalize_line_or_none(known["company"]),
        job_title=normalize_line_or_none(known["job_title"]),
        country=country,
    )


def strip_id_prefix(text: str) -> str | None:
    """Return an id without the words that some scanners and organisers put before it."""
    bare = text.strip()
    wrapped = _WRAPPED.fullmatch(bare)
    bare = _PREFIX.sub("", next(filter(None, wrapped.groups())) if wrapped else bare, count=1)
    is_id = len(bare) <= LONGEST_ID and _BARE.fullmatch(bare) and not is_on_all_badges(bare)
    return bare if is_id else None


def is_on_all_badges(text: str) -> bool:
    """Return whether a text tells nobody apart: `VISITOR`, `null`, `000000`, signs alone."""
    terms = _TERM.findall(fold_case_and_accents(text))
    return none_if_placeholder(text.strip()) is None or all(
        term in _ON_ALL_BADGES or not term.strip("0") for term in terms
    )


def parse_email_or_none(text: str) -> Email | None:
    """Return the address that a text is, None where it is none."""
    try:
        return read_email(text)
    except PydanticCustomError:
        return None


def parse_phone_or_none(text: str, country: str | None = None) -> str | None:
    """Return the number (E.164) that a text is, None where it is none; `country` is that of a national one."""
    try:
        return parse_phone_number(text, country)
    except PydanticCustomError:
        return None


def normalize_line_or_none(value: str) -> str | None:
    """Return one line of a card as a field takes it: composed, bounded; None where it is empty."""
    text = " ".join(restore_original_text(value).split())
    return normalize_line(text)[:LONGEST_LINE] or None
