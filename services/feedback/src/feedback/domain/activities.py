"""Activities as other systems export them, read by the playbook's mapping: a touch, and whom it was about.

Who it was is named by keyed hashes alone; a CRM's own id is hashed too. Nothing that names a person is kept.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import phonenumbers
from pydantic import ValidationError

from events.parts import JsonObject
from feedback.domain.commands import Touch
from feedback.playbook import ActivityMapping, FieldMapping

LONGEST = 200
MILLISECONDS_FROM = 1e11
"""A number of seconds since 1970 that is larger than this is one of milliseconds."""


class UnreadableActivity(ValueError):
    """This record does not have what the mapping looks for."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


@dataclass(frozen=True, slots=True)
class Activity:
    """One touch as another system knows it."""

    external_id: str
    touch: Touch
    keys: tuple[str, ...]
    """Whom it was about, the surest first."""


@dataclass(frozen=True, slots=True)
class PersonHasher:
    """Names people by an HMAC under the installation's secret, so that nobody can test an address by hashing it."""

    secret: bytes

    def hash_email(self, address: str) -> str:
        """Name a mailbox."""
        return self._hmac_of_identifier("email", address.strip().lower())

    def hash_phone(self, number: str) -> str:
        """Name a phone by its E.164 number."""
        return self._hmac_of_identifier("phone", number)

    def hash_crm_id(self, source: str, crm_id: str) -> str:
        """Name a person by another system's id."""
        return self._hmac_of_identifier(f"crm:{source}", crm_id)

    def hash_profile(self, email: str | None, phone: str | None) -> list[str]:
        """Return the keys of a profile."""
        return [*([self.hash_email(email)] if email else []), *([self.hash_phone(phone)] if phone else [])]

    def _hmac_of_identifier(self, kind: str, text: str) -> str:
        return hmac.new(self.secret, f"activity:{kind}:{text}".encode(), "sha256").hexdigest()[:32]


def read_activity(record: JsonObject, source: str, export: ActivityMapping, keys: PersonHasher) -> Activity:
    """Read one record; raises `UnreadableActivity` with the field of ours that it lacks."""
    external_id = _text_at(record, export.id)
    if external_id is None:
        raise UnreadableActivity("id")
    given = {
        "by": _text_at(record, export.by),
        "at": _parse_instant(_value_at_path(record, export.occurred_at)),
        "kind": _value_at_path(record, export.kind),
        "outcome": _value_at_path(record, export.outcome),
        "automated": bool(export.automated and _value_at_path(record, export.automated)),
        "seconds": _seconds_at(record, export.seconds),
    }
    if given["by"] is None:
        raise UnreadableActivity("by")
    try:
        touch = Touch.model_validate(given)
    except ValidationError as error:
        raise UnreadableActivity(str(error.errors()[0]["loc"][0])) from None
    return Activity(external_id, touch, tuple(_identifier_hashes(record, source, export, keys)))


def _identifier_hashes(record: JsonObject, source: str, export: ActivityMapping, keys: PersonHasher) -> Sequence[str]:
    crm_id = _text_at(record, export.crm_id)
    email, phone = _text_at(record, export.email), _to_e164(_text_at(record, export.phone), export.country)
    found = [keys.hash_crm_id(source, crm_id)] if crm_id else []
    return [*found, *keys.hash_profile(email, phone)]


def _value_at_path(record: Any, pick: FieldMapping) -> Any:
    value = record
    for step in pick.at.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = None
    if value is None or value == "":
        return pick.default
    return pick.values.get(str(value).lower(), value)


def _text_at(record: JsonObject, pick: FieldMapping | None) -> str | None:
    value = None if pick is None else _value_at_path(record, pick)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value)
    return text if len(text) <= LONGEST and text.isprintable() else None


def _seconds_at(record: JsonObject, pick: FieldMapping | None) -> int | None:
    value = None if pick is None else _value_at_path(record, pick)
    try:
        return None if value is None or pick is None else round(float(value) / pick.divide)
    except (TypeError, ValueError, OverflowError):
        return None


def _parse_instant(value: Any) -> str | None:
    """Read a time as systems write them: ISO 8601 with a zone, or seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC).isoformat() if at.tzinfo is not None else value
        number = float(value)
        return datetime.fromtimestamp(number / 1000 if number > MILLISECONDS_FROM else number, UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        raise UnreadableActivity("occurred_at") from None


def _to_e164(text: str | None, country: str | None) -> str | None:
    if text is None:
        return None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
