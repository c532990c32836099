"""Why a query or a command is refused. Each error's docstring is its message."""

from events.runtime import DomainError


class ContactUnknown(DomainError):
    """Scoring has not heard of this contact."""

    code = "contact_unknown"
    status = 404


class IdempotencyKeyReused(DomainError):
    """The same Idempotency-Key came with another command before."""

    code = "idempotency_key_reused"
    status = 422


class FactsDatedInFuture(DomainError):
    """Facts cannot be dated after the present."""

    code = "time_ahead"
    status = 422


class NoCandidateRules(DomainError):
    """No candidate playbook runs in shadow, or none ever did."""

    code = "candidate_missing"
    status = 404
