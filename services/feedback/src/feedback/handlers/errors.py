"""Why a command or a query is refused. Each error's docstring is its message."""

from collections.abc import Iterator
from contextlib import contextmanager

from events.runtime import DomainError
from feedback.domain.refusals import Refusal


class CommandRefused(DomainError):
    """The rules refuse the command; code, status and message are those of the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        vars(self).update(code=refusal.code, status=refusal.status)  # of this refusal, not of the class
        super().__init__(**refusal.extra)

    @property
    def errors(self) -> list[dict[str, str]]:
        """Each field at fault, with the code."""
        return self.refusal.errors

    @property
    def title(self) -> str:
        """The refusal's message."""
        return self.refusal.title


class LeadUnknown(DomainError):
    """This lead is not known here yet; try again."""

    code = "lead_unknown"
    status = 404


class LeadErased(DomainError):
    """The person behind this lead asked to be forgotten."""

    code = "lead_erased"
    status = 410


class OutOfReach(DomainError):
    """This lead is not one that this key is for."""

    code = "out_of_reach"
    status = 403


class ContactErased(DomainError):
    """This person asked to be forgotten."""

    code = "contact_erased"
    status = 410


class ProposalUnknown(DomainError):
    """There is no such proposal."""

    code = "proposal_unknown"
    status = 404


class FeedbackUnknown(DomainError):
    """There is no such feedback, or its person asked to be forgotten."""

    code = "feedback_unknown"
    status = 404


class FeedbackAnsweredBefore(DomainError):
    """This feedback was answered before."""

    code = "answered_before"
    status = 409


class AuthorMissing(DomainError):
    """Name who did it."""

    code = "missing"
    status = 422


@contextmanager
def translate_refusals() -> Iterator[None]:
    """Raise a refusal of the domain as the error that the API answers."""
    try:
        yield
    except Refusal as refusal:
        raise CommandRefused(refusal) from None
