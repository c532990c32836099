"""Send one signed message to a webhook's address, and nowhere else.

The name is resolved here and every address checked; the connection then goes to the address that was checked, so that
a name that changes between the two reaches nothing. Redirects are not followed, proxies not asked.
"""

import asyncio
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from uuid import UUID

import httpx
from standardwebhooks import Webhook as Signature

from sla_monitor.handlers.errors import AddressRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SECONDS = 10.0
HTTPS, HTTP = 443, 80
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))
"""IPv6 addresses that stand for an IPv4 one, which may be private."""


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the private networks that webhooks may reach all the same; `text` separates them by commas."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_public_address(address: Address) -> bool:
    """Whether an address is a public one, in whatever notation."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    if mapped is not None:
        return is_public_address(mapped)
    return address.is_global and not address.is_multicast and not any(address in network for network in _TRANSLATED)


def choose_address(addresses: Sequence[Address], scheme: str, allowed: Sequence[Network]) -> Address:
    """Return the address to connect to.

    Raises:
        AddressRefused: One of the addresses may not be reached.
    """
    inside = [any(address in network for network in allowed) for address in addresses]
    if not addresses or not all(
        known or is_public_address(address) for address, known in zip(addresses, inside, strict=True)
    ):
        raise AddressRefused(field="url")
    if scheme != "https" and not all(inside):
        raise AddressRefused(field="url")
    return addresses[0]


async def resolve_host(host: str, port: int) -> list[Address]:
    """Return all addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


async def send_signed(
    client: httpx.AsyncClient, url: str, secret: str, message: tuple[UUID, str], allowed: Sequence[Network]
) -> int:
    """Send a signed message; return the receiver's status.

    Args:
        client: As made by `make_client`.
        url: Where to; its host is resolved and checked here.
        secret: The webhook's secret (Standard Webhooks).
        message: Its id and its body.
        allowed: Private networks that may be reached.

    Raises:
        AddressRefused: The address is not public, or not asked over TLS.
        httpx.HTTPError: No answer came.
        OSError: The host has no address.
    """
    target = httpx.URL(url)
    port = target.port or (HTTPS if target.scheme == "https" else HTTP)
    address = choose_address(await resolve_host(target.host, port), target.scheme, allowed)
    message_id, body = str(message[0]), message[1]
    now = datetime.now(UTC)
    headers = {
        "host": target.netloc.decode(),
        "content-type": "application/json",
        "user-agent": "baton",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signature(secret).sign(message_id, now, body),
    }
    pinned = target.copy_with(host=str(address), port=port)
    known_as = {"sni_hostname": target.host}
    request = client.build_request("POST", pinned, content=body, headers=headers, extensions=known_as)
    answer = await client.send(request, stream=True)
    await answer.aclose()
    return answer.status_code


def make_client() -> httpx.AsyncClient:
    """Return a client that follows no redirect and no proxy."""
    return httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False)
