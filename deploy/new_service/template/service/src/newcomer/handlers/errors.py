"""Why a command is refused. Each error's docstring is its message."""

from events.runtime import DomainError


class CaseUnknown(DomainError):
    """No such case."""

    code = "case_unknown"
    status = 404
