"""Ask an address that somebody named, and nowhere else: the one guard against requests that are led inside.

The name is resolved here and every address checked; the connection then goes to the address that was checked, so that
a name that changes between the two reaches nothing. Redirects are not followed, proxies not asked.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

import httpx

from events.runtime.errors import DomainError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

HTTPS, HTTP = 443, 80
RESOLVING_AT_ONCE = 16
_GLOBAL_UNICAST = ip_network("2000::/3")
"""All that was ever given to the public of IPv6; what stands for an IPv4 address, or is of one site, lies outside."""
_NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocols; a cloud's metadata (192.0.0.192)
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # a cloud's own services, in each of its networks
        "2001::/23",  # protocols; Teredo (2001::/32) stands for an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, stands for an IPv4 address
        "3fff::/20",  # documentation
    )
)
"""What lies inside though some version of `ipaddress` calls it global."""
_LOOKS_LIKE_ADDRESS = re.compile(r"[\d.]+|.*[:/].*")
_RESOLVERS = ThreadPoolExecutor(RESOLVING_AT_ONCE, thread_name_prefix="resolve")
"""Threads of their own: a name server that never answers holds up no other work of the process."""


class AddressRefused(DomainError):
    """This must be an https address on the public internet, without a user and a password."""

    code = "url_refused"
    status = 422


class AllowedTargets(NamedTuple):
    """What may be reached though it is not public."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()
    """Names as they are asked for (`xn--…`), in small letters; whatever they lead to."""

    def allows(self, host: str, address: Address) -> bool:
        """Return whether an address of a host may be reached."""
        return host.lower() in self.hosts or any(address in network for network in self.networks)


NOWHERE_ELSE = AllowedTargets()


def parse_allowed_targets(text: str) -> AllowedTargets:
    """Return the private networks and the hosts that may be reached all the same; `text` separates them by commas.

    Raises:
        ValueError: A network that is none, such as `10.1.0.0/33`, or a host that is none.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    networks = [part for part in parts if _LOOKS_LIKE_ADDRESS.fullmatch(part)]
    hosts = frozenset(_encode_host(part) for part in parts if part not in networks)
    return AllowedTargets(tuple(ip_network(part) for part in networks), hosts)


def _encode_host(host: str) -> str:
    try:
        return httpx.URL(scheme="https", host=host).raw_host.decode()
    except httpx.InvalidURL as error:
        raise ValueError(f"not a host: {host}") from error


def is_public_address(address: Address) -> bool:
    """Return whether an address is a public one, in whatever notation."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    if mapped is not None:
        return is_public_address(mapped)
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _NOT_PUBLIC)


def choose_address(addresses: Sequence[Address], target: httpx.URL, allowed: AllowedTargets) -> Address:
    """Return the address of a host to connect to.

    Raises:
        AddressRefused: One of the addresses may not be reached, or not without TLS.
    """
    inside = [allowed.allows(target.raw_host.decode(), address) for address in addresses]
    if not addresses or not all(
        known or is_public_address(address) for address, known in zip(addresses, inside, strict=True)
    ):
        raise AddressRefused(field="url")
    if target.scheme != "https" and not all(inside):
        raise AddressRefused(field="url")
    return addresses[0]


def check_url(url: str, allowed: AllowedTargets) -> httpx.URL:
    """Return a well-formed address that may be named; its host is resolved when there is something to ask.

    Raises:
        AddressRefused: Not an http(s) address, with a user in it, or not public.
    """
    try:
        target = httpx.URL(url)
        literal = [ip_address(target.host)] if target.host and _is_literal(target.host) else None
        if target.scheme not in ("https", "http") or not target.host or target.userinfo or target.fragment:
            raise AddressRefused(field="url")
        if literal is not None:
            choose_address(literal, target, allowed)
        elif target.scheme == "http" and allowed == NOWHERE_ELSE:
            raise AddressRefused(field="url")
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused(field="url") from None
    return target


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def resolve_host(host: str, port: int) -> list[Address]:
    """Return all addresses of a host."""
    resolve = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, resolve)
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


async def build_checked_request(
    client: httpx.AsyncClient,
    method: str,
    target: httpx.URL,
    allowed: AllowedTargets,
    *,
    headers: Mapping[str, str],
    content: str | None = None,
) -> httpx.Request:
    """Return a request to an address of the target's host that was checked; its certificate is the host's all the same.

    Raises:
        AddressRefused: The address is not public, or not asked over TLS.
        OSError: The host has no address.
    """
    port = target.port or (HTTPS if target.scheme == "https" else HTTP)
    # One spelling for all: the library of Unicode names in Python (IDNA 2003) makes another host of `faß.de`.
    host = target.raw_host.decode()
    address = choose_address(await resolve_host(host, port), target, allowed)
    return client.build_request(
        method,
        target.copy_with(host=str(address), port=port),
        content=content,
        headers={"host": target.netloc.decode(), "user-agent": "baton", **headers},
        extensions={"sni_hostname": host},
    )


def make_client(seconds: float, verify: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """Return a client that follows no redirect and no proxy.

    It keeps no cookie and no connection: two hosts may share an address, and each must show a certificate of its own.

    Args:
        seconds: How long each step of a request may take.
        verify: Whom to trust; None: the usual authorities.
    """
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(
        timeout=seconds,
        follow_redirects=False,
        trust_env=False,
        verify=verify or True,
        cookies=no_cookies,
        limits=httpx.Limits(max_keepalive_connections=0),
    )
