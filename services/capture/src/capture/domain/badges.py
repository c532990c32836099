"""What a scanner read off a badge: a card, a link, JSON, fields between signs, a bare or prefixed registration id.

No two organisers agree on what a badge holds, and no scan may be lost because of it: what cannot be read as a person
is an id, and what is no id is one all the same, by its hash. What stands on every badge names nobody.
"""

import base64
import hashlib
import re
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

from capture.domain.badge_fields import (
    Badge,
    badge_from_fields,
    is_on_all_badges,
    normalize_field_name,
    normalize_line_or_none,
    parse_email_or_none,
    parse_phone_or_none,
    read_badge_fields,
    strip_id_prefix,
)
from capture.domain.cards import ContactCard, read_mecard, read_vcard
from capture.domain.cell_texts import WIDE
from capture.domain.countries import read_country
from capture.domain.identity import Email, find_emails

LONGEST_BADGE = 8_000


_SYMBOLOGY = re.compile(r"^\][A-Za-z]\d")
"""The symbology identifier that scanners put before what they read (ISO/IEC 15424)."""
_DIALLED = re.compile(r"(?:tel|smsto|sms|callto):", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_CHAT = re.compile(r"(?:https?://)?(?:wa\.me|api\.whatsapp\.com)/", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s@]+", re.IGNORECASE)
_ASIDES = re.compile(
    r"^(?:NOTE|URL|SOURCE|PRODID|X-(?!E?-?MAIL))[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE
)
"""Lines of a card that may show an address of somebody else."""
_ENCODED = re.compile(r"(?=.{16})[A-Za-z0-9+/_-]+(?:\.[A-Za-z0-9_-]+){0,2}={0,2}", re.ASCII)
_BASE64 = {ord("+"): "-", ord("/"): "_", ord("="): None}
_TURNED = re.compile(r"(begin:vcard\s+version:|mecard:).*(?<![A-Za-z])[a-z][A-Z]{2}", re.DOTALL)
"""A card that was typed under a pressed caps lock."""
_OF_THE_EVENT = ("wifi:", "geo:")
"""Codes of the hall, which hang beside the badges or stand on all of them."""
_SEPARATORS = dict.fromkeys(range(0x1C, 0x20), "\n")
"""The signs of ASCII for what stands between fields."""
_NEVER_OF_A_MAILBOX = "|^~="
"""Allowed in an address, and written between or before the fields of a badge alone."""
_SELDOM_OF_A_MAILBOX = "$*#/&"
"""The same, where there are two of one kind."""
_GERMAN = str.maketrans("yzYZöÖäÄüÜ+*ß?-_\xb4`\"§&/()=#';:°", "zyZY;:'\"[{]}-_/?=+@#^&*()\\|<>~")
"""What a scanner that plays an American keyboard types on a German one, and what it meant."""


_GERMAN_MAIL = re.compile(r"[^\s@\"]+\"[^\s@\"]+\.[A-Za-z]{2,}")
_MAIL_MESSAGE = re.compile(r"MATMSG:TO:([^;]+);", re.IGNORECASE)


def read_badge(text: str) -> Badge:
    """Return what a scanner read as a badge: it has an e-mail, a phone or an id, unless all badges may read so."""
    typed = _strip_scanner_additions(text)
    found = _parse_any_badge(typed)
    if found.email is None:
        found = replace(
            found, email=_find_only_email(_ASIDES.sub("", typed) if "begin:vcard" in typed.lower() else typed)
        )
    if found.email is not None and "@" in (found.reference or ""):
        found = replace(found, reference=None)
    is_nameless = found.reference is None and found.email is None and found.phone is None
    if is_nameless and not _is_the_same_on_all_badges(typed):
        found = replace(found, reference=hashlib.blake2b(typed.encode(), digest_size=16).hexdigest())
    return found


def _is_the_same_on_all_badges(text: str) -> bool:
    """Return whether a text is the same on all badges: a word, the network of the hall, the page of the event."""
    if text.lower().startswith(_OF_THE_EVENT):
        return True
    if "://" not in text[:9]:
        return is_on_all_badges(text)
    _, _, tail = text.partition("://")[2].partition("/")
    path, _, query = tail.partition("?")
    values = [value for name, value in parse_qsl(query) if not name.startswith("utm_")] or [_YEAR.sub("", path)]
    return not any(map(_contains_digit, values)) or all(map(is_on_all_badges, values))


def _contains_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _strip_scanner_additions(text: str) -> str:
    """Take out what the scanner added: control characters, its symbology, another keyboard, caps lock."""
    text = text.translate(WIDE)
    text = text.translate(_SEPARATORS) if "@" in text else text
    kept = "".join(letter if letter.isprintable() or letter in "\r\n\t" else "" for letter in text)
    kept = _SYMBOLOGY.sub("", kept.strip()).strip()
    begins = ("BEGINÖVCARD", "MECARDÖ", "MATMSGÖ", "httpÖ--", "httpsÖ--", "mailtoÖ")
    if kept.startswith(begins) or _GERMAN_MAIL.fullmatch(kept):
        kept = kept.translate(_GERMAN)
    return kept.swapcase() if _TURNED.match(kept) else kept


def _parse_any_badge(text: str) -> Badge:
    text = _decode_base64_if_address(text)
    lowered = text[:200].lower()
    if "begin:vcard" in lowered:
        return _badge_from_card(read_vcard(text))
    if lowered.startswith(("mecard:", "bizcard:")):
        return _badge_from_card(read_mecard(text))
    return _parse_link_badge(text, lowered) or _parse_email_or_fields(text)


def _decode_base64_if_address(text: str) -> str:
    """Return what base64 holds that shows an address, alone or in a token of several parts; else the text."""
    for part in text.split(".") if _ENCODED.fullmatch(text) else ():
        try:
            inner = base64.urlsafe_b64decode(part.translate(_BASE64) + "==").decode()
        except ValueError:
            continue
        if "@" in inner and all(letter.isprintable() or letter in "\r\n\t" for letter in inner):
            return inner
    return text


def _parse_link_badge(text: str, lowered: str) -> Badge | None:
    """Read a link: to a page, a mailbox, a phone, a chat; None where it is none."""
    if _CHAT.match(text):
        return Badge(phone=parse_phone_or_none(text.partition("?text")[0]))
    if lowered.startswith(("http://", "https://")) or _WITHOUT_SCHEME.fullmatch(text):
        return _parse_web_link(text if "://" in lowered[:8] else "https://" + text)
    if lowered.startswith("mailto:"):
        return Badge(email=parse_email_or_none(unquote(text[7:].partition("?")[0])))
    if message := _MAIL_MESSAGE.match(text):
        return Badge(email=parse_email_or_none(message[1]))
    dialled = _DIALLED.match(text)
    return Badge(phone=parse_phone_or_none(re.split(r"[:?]", text[dialled.end() :])[0])) if dialled else None


def _parse_email_or_fields(text: str) -> Badge:
    email = parse_email_or_none(text) if "@" in text and not _has_field_separators(text) else None
    return Badge(email=email) if email else read_badge_fields(text)


def _has_field_separators(text: str) -> bool:
    """Return whether signs stand in a text that nobody has in an address, though the standard allows them."""
    return any(sign in text for sign in _NEVER_OF_A_MAILBOX) or any(
        text.count(sign) > 1 for sign in _SELDOM_OF_A_MAILBOX
    )


def _find_only_email(text: str) -> Email | None:
    """Return the one address that a text shows anywhere; None where it shows none, or several people's."""
    text = text.replace("#", " ") if "://" in text[:9] else text
    places = find_emails(unquote(text)) if "%" in text else find_emails(text)
    shown = {email.canonical: email for part in places if (email := parse_email_or_none(part.removeprefix("mailto:")))}
    return next(iter(shown.values())) if len(shown) == 1 else None


def _badge_from_card(card: ContactCard) -> Badge:
    country = read_country(card.country) if card.country else None
    return Badge(
        reference=strip_id_prefix(card.uid) if card.uid else None,
        email=next(
            filter(None, map(parse_email_or_none, [*card.emails, *map(_first_email_within, card.emails)])), None
        ),
        phone=next(filter(None, (parse_phone_or_none(each, country) for each in card.phones)), None),
        first_name=normalize_line_or_none(card.first_name),
        last_name=normalize_line_or_none(card.last_name),
        company=normalize_line_or_none(card.company),
        job_title=normalize_line_or_none(card.job_title),
        country=country,
    )


def _parse_web_link(text: str) -> Badge:
    try:
        parts = urlsplit(text)
    except ValueError:
        return Badge()
    if card := next((value for _, value in parse_qsl(parts.query) if value.lower().startswith("begin:vcard")), None):
        return _badge_from_card(read_vcard(card))
    given = {
        normalize_field_name(name): value for name, value in parse_qsl(parts.query + "&" + parts.fragment) if value
    }
    found = badge_from_fields(given)
    last = [part for part in unquote(parts.path).split("/") if part]
    shown = parts.query or (last[-1] if last else "")
    if found.reference is None and not given and _contains_digit(_YEAR.sub("", shown)):
        return replace(found, reference=strip_id_prefix(shown))
    return found


def _first_email_within(text: str) -> str:
    return next(iter(find_emails(text)), "")
