"""Tokens for OAUTHBEARER: asked of a token endpoint with a client's name and secret (RFC 6749, 4.4)."""

import asyncio
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

ANSWER_SECONDS = 10.0
EARLY = 0.8
"""A token is replaced when so much of its life is over."""


class TokenRefused(KafkaConnectionError):  # type: ignore[misc]  # aiokafka has no types
    """The token endpoint gave no token; the next connection asks again."""


class TokenProvider(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """Returns the token that is in force, and asks for the next one before it ends."""

    def __init__(self, *, endpoint: str, client_id: str, secret: str, scope: str | None) -> None:
        self.endpoint = endpoint
        self.client_id = client_id
        self.secret = secret
        self.scope = scope
        self._token = ""
        self._until = 0.0

    async def token(self) -> str:
        """Return a token; raises `TokenRefused` with the reason."""
        if time.monotonic() >= self._until:
            answer = await asyncio.to_thread(self._request_token)
            self._token = str(answer["access_token"])
            self._until = time.monotonic() + EARLY * float(answer.get("expires_in", 0))
        return self._token

    def _request_token(self) -> dict[str, Any]:
        if not self.endpoint.startswith(("https://", "http://")):
            raise TokenRefused(f"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: {self.endpoint} is no URL")
        form = {"grant_type": "client_credentials"} | ({"scope": self.scope} if self.scope else {})
        login = ":".join(urllib.parse.quote_plus(part) for part in (self.client_id, self.secret))
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            self.endpoint,
            urllib.parse.urlencode(form).encode(),
            {"Authorization": f"Basic {b64encode(login.encode()).decode()}", "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise TokenRefused(
                    f"{self.endpoint} refuses KAFKA_SASL_OAUTHBEARER_CLIENT_ID or its secret ({error.code})"
                ) from None
        except (OSError, ValueError) as error:
            raise TokenRefused(f"{self.endpoint} gives no token: {getattr(error, 'reason', error)}") from error
        if "access_token" not in found:
            raise TokenRefused(f"{self.endpoint} gives no token: its answer has no access_token")
        return found
