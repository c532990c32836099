"""Secrets that an answer shows once, and again where it was lost (`Idempotency-Key`), though no table has them."""

import hmac
import secrets
from typing import TYPE_CHECKING

from fastapi import Request

from events.runtime.commands import parse_idempotency_key

if TYPE_CHECKING:
    from events.runtime import Service


class ShownOnce:
    """The secrets in the answer to a request: the same for the same `Idempotency-Key`, else new.

    Each belongs to something that the first of these requests made, under an id that was drawn then.
    """

    def __init__(self, service: "Service", request: Request) -> None:
        self._installation = service.settings.secret.get_secret_value().encode()
        self._key = parse_idempotency_key(request.headers.get("idempotency-key")) or secrets.token_urlsafe()

    def derive_secret(self, what: str, made_id: object) -> bytes:
        """Return the 32 secret bytes of what was made under this id."""
        return hmac.digest(self._installation, f"{what}|{made_id}|{self._key}".encode(), "sha256")
