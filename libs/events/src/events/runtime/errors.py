"""The errors that a service may raise. A domain error's docstring is its message."""

from typing import Any, ClassVar


class DomainError(Exception):
    """The request cannot be carried out."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    field: str | None = None

    def __init__(self, *, field: str | None = None, **extra: Any) -> None:
        self.field = field
        self.extra = extra
        super().__init__(self.title)

    @property
    def errors(self) -> list[dict[str, str]]:
        """Each field at fault, with the code."""
        return [{"field": self.field or "", "code": self.code}]

    @property
    def title(self) -> str:
        """The first line of the class's docstring."""
        return (type(self).__doc__ or self.code).strip().splitlines()[0].rstrip(".")


class LeadOutOfReach(DomainError):
    """This lead is not one that this key is for."""

    code = "out_of_reach"
    status = 403


class InternalError(DomainError):
    """Something broke on our side."""

    code = "internal"
    status = 500


class Unavailable(DomainError):
    """Not able to answer now; try again."""

    code = "unavailable"
    status = 503


class Reject(Exception):
    """Park this record at once: no later try can succeed."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason)
