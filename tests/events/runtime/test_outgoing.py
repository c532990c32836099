"""Addresses that people name lead to the public internet, or to what an operator allowed, and nowhere else."""

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address, ip_network
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.runtime.outgoing import (
    NOWHERE_ELSE,
    AddressRefused,
    AllowedTargets,
    build_checked_request,
    choose_address,
    is_public_address,
    make_client,
    parse_allowed_targets,
    resolve_host,
)

ANYWHERE = httpx.URL("https://calendar.example.com/")


@given(st.ip_addresses())
def test_an_address_is_public_only_if_every_notation_of_it_is(address: Any) -> None:
    if not address.is_global or address.is_multicast:
        assert not is_public_address(address)
    if address.version == 4:
        assert is_public_address(ip_address(f"::ffff:{address}")) == is_public_address(address)
        for prefix in ("64:ff9b::", "::ffff:0:", "::"):  # IPv4 within IPv6, as translators write it
            assert not is_public_address(ip_address(f"{prefix}{address}"))


@given(st.ip_addresses(v=6))
def test_of_ipv6_only_what_was_given_to_the_public_is_public(address: Any) -> None:
    if address.ipv4_mapped is None and address not in ip_network("2000::/3"):
        assert not is_public_address(address)


def test_one_private_address_of_a_name_spoils_them_all() -> None:
    public, private = ip_address("93.184.216.34"), ip_address("10.0.0.1")
    plain = httpx.URL("http://calendar.example.com/")
    assert choose_address([public], ANYWHERE, NOWHERE_ELSE) == public
    assert choose_address([private], plain, parse_allowed_targets("10.0.0.0/8, fd00::/8")) == private
    for addresses, target in (([public, private], ANYWHERE), ([], ANYWHERE), ([public], plain)):
        with pytest.raises(AddressRefused):
            choose_address(addresses, target, NOWHERE_ELSE)


INSIDE = """
    169.254.169.254 224.0.0.1 192.88.99.1 168.63.129.16 192.0.0.192 100.100.100.200 0.0.0.0 255.255.255.255
    ::1 :: fe80::1 fec0::1 fd00:ec2::254 ff02::1 ::10.0.0.1 ::93.184.216.34 ::ffff:0:10.0.0.1 ::ffff:10.0.0.1
    ::ffff:168.63.129.16 64:ff9b::10.0.0.1 64:ff9b:1::1 2002:a00:1::1 2001::1 2001:db8::1 3fff::1 3fff:fff::1 5f00::1
"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_what_is_inside_is_refused_in_every_family(address: str) -> None:
    with pytest.raises(AddressRefused):
        choose_address([ip_address(address)], ANYWHERE, NOWHERE_ELSE)


@pytest.mark.parametrize("address", ["93.184.216.34", "::ffff:93.184.216.34", "2606:2800:21f:cb07::1", "2a00:1450::1"])
def test_the_public_internet_is_reached(address: str) -> None:
    assert choose_address([ip_address(address)], ANYWHERE, NOWHERE_ELSE) == ip_address(address)


async def test_a_host_is_resolved_and_proved_by_one_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own way with Unicode (IDNA 2003) makes `fass.de` of this one, which belongs to somebody else."""
    resolved: list[str] = []

    def answer(host: str, port: int, **_: Any) -> list[Any]:
        resolved.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    async with make_client(1.0) as client:
        for url in ("https://faß.de/mine.ics", "https://www.faß.de/"):
            target = httpx.URL(url)
            request = await build_checked_request(client, "GET", target, NOWHERE_ELSE, headers={})
            assert resolved.pop() == request.extensions["sni_hostname"] == request.headers["host"]
            assert request.headers["host"].endswith("xn--fa-hia.de")


async def test_a_name_is_resolved_though_all_other_threads_are_busy() -> None:
    """And the other way round: names that nobody answers for keep no thread from the rest."""
    release = threading.Event()
    others = ThreadPoolExecutor(1)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(others)
    working = loop.run_in_executor(None, release.wait)
    try:
        async with asyncio.timeout(20):
            assert await resolve_host("127.0.0.1", 443) == [ip_address("127.0.0.1")]
    finally:
        release.set()
        await working


def test_networks_and_hosts_are_allowed_by_name() -> None:
    allowed = parse_allowed_targets("10.1.0.0/16, Mail.Internal,192.168.0.7, fd00::/8 ,")
    assert allowed.hosts == {"mail.internal"}
    assert allowed.allows("mail.INTERNAL", ip_address("127.0.0.1"))
    assert allowed.allows("elsewhere", ip_address("192.168.0.7"))
    assert not allowed.allows("elsewhere", ip_address("192.168.0.8"))
    assert parse_allowed_targets("") == NOWHERE_ELSE == AllowedTargets()
    for wrong in ("10.1.0.0/33", "ü..example"):
        with pytest.raises(ValueError, match=wrong):
            parse_allowed_targets(wrong)


def test_a_host_is_allowed_by_either_spelling() -> None:
    inside = ip_address("10.0.0.1")
    for spelling in ("www.faß.de", "www.xn--fa-hia.de"):
        allowed = parse_allowed_targets(spelling)
        assert choose_address([inside], httpx.URL("https://www.faß.de/"), allowed) == inside
        with pytest.raises(AddressRefused):
            choose_address([inside], httpx.URL("https://www.fass.de/"), allowed)
