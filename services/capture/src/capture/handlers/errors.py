"""Why capture refuses a request. Each docstring is the sentence that the caller reads."""

from typing import ClassVar

from capture.domain.arrival import Fault
from events.runtime import DomainError


class InTheFuture(DomainError):
    """The time lies in the future."""

    code: ClassVar[str] = "in_the_future"
    status: ClassVar[int] = 422


class UnknownSource(DomainError):
    """The playbook names no such source."""

    code: ClassVar[str] = "unknown_source"
    status: ClassVar[int] = 422


class UnknownEngagement(DomainError):
    """The playbook names no such engagement."""

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


class AccountUnknown(DomainError):
    """There is no such account."""

    code: ClassVar[str] = "account_unknown"
    status: ClassVar[int] = 404


class ErasureUnknown(DomainError):
    """There is no such erasure."""

    code: ClassVar[str] = "erasure_unknown"
    status: ClassVar[int] = 404


class QuarantineUnknown(DomainError):
    """Nothing is held under this id."""

    code: ClassVar[str] = "quarantine_unknown"
    status: ClassVar[int] = 404


class FormUnknown(DomainError):
    """The playbook names no such form."""

    code: ClassVar[str] = "form_unknown"
    status: ClassVar[int] = 404


_BY_CODE = {kind.code: kind for kind in (InTheFuture, UnknownSource, UnknownEngagement, EventIdReused)}


def refusal(fault: Fault) -> DomainError:
    """Make the error that tells of a fault."""
    return _BY_CODE[fault.code](field=fault.field)
