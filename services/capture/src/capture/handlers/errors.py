"""Why capture refuses a request. Each docstring is the sentence that the caller reads."""

from typing import ClassVar

from capture.domain.arrival import SubmissionFault
from events.runtime import DomainError


class TimeInFuture(DomainError):
    """The time lies in the future."""

    code: ClassVar[str] = "in_the_future"
    status: ClassVar[int] = 422


class UnknownSource(DomainError):
    """The playbook has no source of this name."""

    code: ClassVar[str] = "unknown_source"
    status: ClassVar[int] = 422


class UnknownEngagement(DomainError):
    """The playbook has no engagement of this name."""

    code: ClassVar[str] = "unknown_engagement"
    status: ClassVar[int] = 422


class EventIdReused(DomainError):
    """This event_id was sent before with another person: send an id of its own for each submission, or none."""

    code: ClassVar[str] = "event_id_reused"
    status: ClassVar[int] = 422


class ContactUnknown(DomainError):
    """There is no such contact."""

    code: ClassVar[str] = "contact_unknown"
    status: ClassVar[int] = 404


class EmailUnknown(DomainError):
    """No e-mail of this contact is known: a link of theirs could go nowhere."""

    code: ClassVar[str] = "email_unknown"
    status: ClassVar[int] = 409


class AlreadyMerged(DomainError):
    """The two are one person already."""

    code: ClassVar[str] = "already_merged"
    status: ClassVar[int] = 409


class NotMerged(DomainError):
    """This contact was not merged into another."""

    code: ClassVar[str] = "not_merged"
    status: ClassVar[int] = 409


class ImportUnknown(DomainError):
    """There is no such import."""

    code: ClassVar[str] = "import_unknown"
    status: ClassVar[int] = 404


class MappingUnknown(DomainError):
    """No mapping was saved under this name."""

    code: ClassVar[str] = "mapping_unknown"
    status: ClassVar[int] = 404


class AccountUnknown(DomainError):
    """There is no such account."""

    code: ClassVar[str] = "account_unknown"
    status: ClassVar[int] = 404


class ErasureUnknown(DomainError):
    """There is no such erasure."""

    code: ClassVar[str] = "erasure_unknown"
    status: ClassVar[int] = 404


class QuarantineUnknown(DomainError):
    """There is no quarantined submission with this id."""

    code: ClassVar[str] = "quarantine_unknown"
    status: ClassVar[int] = 404


class FormUnknown(DomainError):
    """The playbook has no form of this name."""

    code: ClassVar[str] = "form_unknown"
    status: ClassVar[int] = 404


class PairingOver(DomainError):
    """This link was used already, or is too old. Ask for a new one."""

    code: ClassVar[str] = "pairing_over"
    status: ClassVar[int] = 410


class PairingUnknown(DomainError):
    """There is no such link and no such device."""

    code: ClassVar[str] = "pairing_unknown"
    status: ClassVar[int] = 404


class HoldsNoMore(DomainError):
    """What this request made before was used, has ended or is too old. Make a new one, with another Idempotency-Key."""

    code: ClassVar[str] = "holds_no_more"
    status: ClassVar[int] = 410


class KeyIdTaken(DomainError):
    """Another key has this id: draw another."""

    code: ClassVar[str] = "key_id_taken"
    status: ClassVar[int] = 409


_BY_CODE = {kind.code: kind for kind in (TimeInFuture, UnknownSource, UnknownEngagement, EventIdReused)}


def error_for_fault(fault: SubmissionFault) -> DomainError:
    """Return the error for a fault."""
    return _BY_CODE[fault.code](field=fault.field)


REASONS = {
    "email_invalid": "This is not an e-mail address, and the row has no phone",
    "email_or_phone_missing": "The row has neither an e-mail nor a phone",
    "phone_invalid": "This is not a phone number",
    "phone_needs_country": "The number needs its country: write it with +, or add a column for the country",
    "several_in_cell": "There is more than one: the first that fits is taken, and the text of the other is kept",
    "found_beside": "It stood in another column of the row, and was taken from there",
    "too_many_cells": "The row has more cells than the header: a separator within a cell needs quotes",
    "line_too_long": "The row is too long to be read",
    "row_unreadable": "The row cannot be read",
    "country_unknown": "There is no country of this name",
    "string_too_long": "The text is too long and was shortened",
    "time_malformed": "This is not a date, or day and month could be either",
    "in_the_future": "The time lies in the future",
    "unknown_source": "The playbook has no source of this name",
    "unknown_engagement": "The playbook has no engagement of this name",
    "bool_type": "This is neither yes nor no: write true or false",
    "int_type": "This is not a number",
    "control_character": "The cell contains invisible characters",
    "badge_missing": "The row has no badge, so that nobody who was scanned is found by it",
    "badge_rounded": "The spreadsheet shortened this badge's number: format the column as text, and save again",
    "event_id_reused": "This event_id belongs to another person's row",
}


def find_reason_text(code: str) -> str:
    """Return why a row or a cell was not taken, in words."""
    return REASONS.get(code, "The value does not fit its field")
