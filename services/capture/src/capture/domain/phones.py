"""Phone numbers as people and systems write them, in one spelling (E.164)."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata
from pydantic_core import PydanticCustomError

from capture.domain.text import LONGEST_LINE, normalize_line

LONGEST_PHONE = 40

_LABEL = re.compile(
    r"^(?:phone|telefon|tel|fon|mobile?|cell|handy|callto|sms|smsto|p|t|m)\s*[:.]\s*(?=[+(\d])", re.IGNORECASE
)
_CHAT = re.compile(r"^(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?", re.IGNORECASE)
"""The link that opens a chat with a number, which begins with its country's code."""
_EXTENSION = re.compile(
    r"(?:[\s,;/(-]{0,9}(?:extension|extensi[oó]n|extens[aã]o|extn?|durchwahl|dw|app(?:arat)?|klappe|nebenstelle|nst|poste"
    r"|interno|int|anexo|ramal|r(?=\.)|toestel|tst|wewn?|lok(?:al)?|anknytning|ankn|linje|доб|内線|x|#)\.?\s{0,3}(?:n[or]\.?\s{0,3})?[=:-]?\s{0,3}(\d{1,7})|[,;]{1,3}\s?(\d{1,5}))[)#]?$",
    re.IGNORECASE,
)


NUMBER = re.compile(r"\+?\(?\d[\d ().\-/]{5,}\d")
"""A number within other text, `WhatsApp +34 912 345 678` or two numbers: the first counts."""
_BETWEEN_NUMBERS = re.compile(r"\s*/\s+|\s+/\s*|\s+-\s+")
_SIGNS = (
    dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
    | dict.fromkeys([ord("_"), 0xA0, 0x202F, *range(0x2000, 0x200B)], " ")
    | {ord("["): "(", ord("]"): ")"}
)
"""Hyphens and spaces that keep a number on one line, and brackets of another kind."""
_AS_FRACTION = re.compile(r"(\+?\d{7,15})[.,]0+", re.ASCII)
"""A number that a table took for one to count with."""
_POWER = re.compile(r"\+?(\d)(?:[.,](\d+))?E\+?(\d{1,2})", re.ASCII | re.IGNORECASE)
"""The same, shortened: its last digits are gone, unless all are there."""
_CARRIER = re.compile(r"\(0xx(\d\d)\)|^\+52\s?1\s?(?=(?:\D*\d){10}\D*$)", re.IGNORECASE)
"""What numbering plans no longer have: the carrier's digits in Brazil, the 1 of a Mexican mobile."""


_DIALLED_ABROAD = re.compile(r"^00[\s./-]*(?=[1-9])")
_DIALLED_FROM_AMERICA = re.compile(r"^011[\s./-]*(?=[1-9](?:\D*\d){9})")
"""Before the country's code, and never before fewer digits, as in numbers of Johannesburg or Buenos Aires."""
_VANITY = re.compile(
    r"(1[\s.-]*)?(?:\+\d{1,3}[\s.-]*)?\(?0?(?:[89]\d\d|1[38]00)\)?[\s.-]*(?=[\d.-]*[A-Z]{3})[A-Z\d.-]{6,12}",
    re.IGNORECASE,
)
"""A number that is called by a word, as in North America, where a 1 stands before it."""


class Phone(NamedTuple):
    """A number of the numbering plan (E.164), and the extension behind it that a switchboard needs."""

    number: str
    extension: str = ""


def parse_phone(value: object, country: str | None) -> Phone | None:
    """Read a number as people and systems write it: with invisible marks, labels, `00`, `(0)` and extensions.

    Args:
        value: The text; an empty one counts as not given.
        country: The alpha-2 code of the country that a national number belongs to, if known.

    Returns:
        The number, or None where none was given.

    Raises:
        PydanticCustomError: `string_type`, `phone_invalid`, or `phone_needs_country` for a national number.
    """
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Not a string.")
    if len(value) > LONGEST_LINE:
        raise PydanticCustomError("phone_invalid", "Not a phone number.")
    return _parse_phone_text(value, country)


@lru_cache(maxsize=64)
def _parse_phone_text(value: str, country: str | None) -> Phone | None:
    """Read a text; it is asked for twice in a row, for the number and for the extension."""
    visible = "".join(letter for letter in value.translate(_SIGNS) if unicodedata.category(letter) != "Cf")
    text = _undo_number_format(_CHAT.sub("+", _LABEL.sub("", normalize_line(visible.strip()), count=1), count=1))
    if not text:
        return None
    try:
        return _parse_single_number(text, country)
    except PydanticCustomError:
        found = NUMBER.search(_BETWEEN_NUMBERS.split(text)[0]) or NUMBER.search(text)
        if found is None or found[0] == text:
            raise
        return _parse_single_number(found[0], country)


def _undo_number_format(text: str) -> str:
    """Return a number that a table counted with as its digits; raises `phone_invalid` where some are gone."""
    power = _POWER.fullmatch(text)
    if power is None:
        return _AS_FRACTION.sub(r"\1", text)
    digits = power[1] + (power[2] or "")
    if len(digits) != int(power[3]) + 1:
        raise PydanticCustomError("phone_invalid", "Not a phone number.")
    return digits


def _parse_single_number(text: str, country: str | None) -> Phone:
    """Read a text that is one number and no more."""
    found = _EXTENSION.search(text)
    number = text[: found.start()] if found else text
    number = _CARRIER.sub(_drop_carrier_code, _DIALLED_ABROAD.sub("+", number))
    if vanity := _VANITY.fullmatch(number):
        number = ("+" if vanity[1] else "") + phonenumbers.convert_alpha_characters_in_number(number)
    number = number.replace("(0)", "") if number.startswith("+") else number
    if len(number) > LONGEST_PHONE or any(letter.isalpha() for letter in number) or not number.isascii():
        raise PydanticCustomError("phone_invalid", "Not a phone number.")
    if country is None:
        number = _DIALLED_FROM_AMERICA.sub("+", number)
    if country is None and not number.startswith("+"):
        raise PydanticCustomError("phone_needs_country", "A national number needs the country, or write it with +.")
    parsed = _parse_number_without_plus(number, country) or _parse_valid_number(number, country)
    if parsed is None:
        raise PydanticCustomError("phone_invalid", "Not a phone number.")
    return Phone(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), _extension_in_match(found))


def _extension_in_match(found: re.Match[str] | None) -> str:
    return "" if found is None else found[1] or found[2]


def _drop_carrier_code(found: re.Match[str]) -> str:
    return found[1] or "+52"


def _parse_valid_number(number: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def _parse_number_without_plus(number: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    """Return the number of a country where people dial a 0 in front, if it begins with the country's code instead."""
    digits = re.sub(r"\D", "", number)
    metadata = PhoneMetadata.metadata_for_region(country or "", None)
    if metadata is None or metadata.national_prefix != "0" or not digits.startswith(str(metadata.country_code)):
        return None
    return None if number.startswith("+") else _parse_valid_number("+" + digits, None)


def parse_phone_number(value: object, country: str | None) -> str | None:
    """Return a number as E.164, without its extension; takes and raises what `parse_phone` does."""
    found = parse_phone(value, country)
    return found.number if found else None
