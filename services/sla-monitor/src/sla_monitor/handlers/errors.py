"""Why a command is refused, or a message not delivered. Each error's docstring is its message."""

from events.runtime import DomainError


class LeadUnknown(DomainError):
    """No such lead."""

    code = "lead_unknown"
    status = 404


class WebhookUnknown(DomainError):
    """No such webhook."""

    code = "webhook_unknown"
    status = 404


class DeliveryNotGivenUp(DomainError):
    """No message of this id was given up."""

    code = "delivery_not_given_up"
    status = 404
