"""Send one signed message to a webhook's address, checked by the runtime's guard."""

from datetime import UTC, datetime
from uuid import UUID

import httpx
from standardwebhooks import Webhook as Signature

from events.runtime import outgoing
from events.runtime.outgoing import AllowedTargets

SECONDS = 10.0


async def send_signed(
    client: httpx.AsyncClient, url: str, secret: str, message: tuple[UUID, str], allowed: AllowedTargets
) -> int:
    """Send a signed message; return the receiver's status.

    Args:
        client: As made by `make_client`.
        url: Where to; its host is resolved and checked here.
        secret: The webhook's secret (Standard Webhooks).
        message: Its id and its body.
        allowed: What may be reached though it is not public.

    Raises:
        AddressRefused: The address is not public, or not asked over TLS.
        httpx.HTTPError: No answer came.
        OSError: The host has no address.
    """
    message_id, body = str(message[0]), message[1]
    now = datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signature(secret).sign(message_id, now, body),
    }
    request = await outgoing.build_checked_request(
        client, "POST", httpx.URL(url), allowed, headers=headers, content=body
    )
    answer = await client.send(request, stream=True)
    await answer.aclose()
    return answer.status_code


def make_client() -> httpx.AsyncClient:
    """Return an HTTP client for webhooks, which follows no redirect and uses no proxy."""
    return outgoing.make_client(SECONDS)
