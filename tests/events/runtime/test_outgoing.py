"""Addresses that people name lead to the public internet, or to what an operator allowed, and nowhere else."""

from ipaddress import ip_address
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.runtime.outgoing import (
    NOWHERE_ELSE,
    AddressRefused,
    AllowedTargets,
    choose_address,
    is_public_address,
    parse_allowed_targets,
)

ANYWHERE = httpx.URL("https://calendar.example.com/")


@given(st.ip_addresses())
def test_an_address_is_public_only_if_every_notation_of_it_is(address: Any) -> None:
    if not address.is_global or address.is_multicast:
        assert not is_public_address(address)
    if address.version == 4:
        assert is_public_address(ip_address(f"::ffff:{address}")) == is_public_address(address)
        assert not is_public_address(ip_address(f"64:ff9b::{address}"))


def test_one_private_address_of_a_name_spoils_them_all() -> None:
    public, private = ip_address("93.184.216.34"), ip_address("10.0.0.1")
    plain = httpx.URL("http://calendar.example.com/")
    assert choose_address([public], ANYWHERE, NOWHERE_ELSE) == public
    assert choose_address([private], plain, parse_allowed_targets("10.0.0.0/8, fd00::/8")) == private
    for addresses, target in (([public, private], ANYWHERE), ([], ANYWHERE), ([public], plain)):
        with pytest.raises(AddressRefused):
            choose_address(addresses, target, NOWHERE_ELSE)


@pytest.mark.parametrize("address", ["169.254.169.254", "224.0.0.1", "ff02::1", "fe80::1", "fd00:ec2::254", "::1"])
def test_what_is_inside_is_refused_in_every_family(address: str) -> None:
    with pytest.raises(AddressRefused):
        choose_address([ip_address(address)], ANYWHERE, NOWHERE_ELSE)


def test_networks_and_hosts_are_allowed_by_name() -> None:
    allowed = parse_allowed_targets("10.1.0.0/16, Mail.Internal,192.168.0.7, fd00::/8 ,")
    assert allowed.hosts == {"mail.internal"}
    assert allowed.allows("mail.INTERNAL", ip_address("127.0.0.1"))
    assert allowed.allows("elsewhere", ip_address("192.168.0.7"))
    assert not allowed.allows("elsewhere", ip_address("192.168.0.8"))
    assert parse_allowed_targets("") == NOWHERE_ELSE == AllowedTargets()
    with pytest.raises(ValueError, match=r"10\.1\.0\.0/33"):
        parse_allowed_targets("10.1.0.0/33")
