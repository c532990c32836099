"""What can go wrong between a client and a service."""

from typing import Any


class ClientError(Exception):
    """The operation was not carried out, as far as the client can know."""


class NotReached(ClientError):
    """The service does not answer."""


class AnswerUnreadable(ClientError):
    """A success whose body is not what the operation answers: something else answers there, or a later version."""


class Refused(ClientError):
    """The service answered with a problem document (RFC 9457)."""

    def __init__(self, url: str, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        """The whole document; a command that is not legal has the legal ones under `legal`."""
        super().__init__(f"{url}: {status} {self.title}")

    @property
    def title(self) -> str:
        """What is wrong, as a sentence."""
        return str(self.problem.get("title") or "The service refused it")

    @property
    def codes(self) -> dict[str, str]:
        """The code of each field that is at fault; an empty name is the whole."""
        errors = self.problem.get("errors")
        found = errors if isinstance(errors, list) else ()
        return {str(each.get("field")): str(each.get("code")) for each in found if isinstance(each, dict)}
