"""The limits of addresses (RFC 5321, RFC 6531): at each the last that is taken, and the first that is not."""

from collections.abc import Callable
from functools import partial

import pytest
from pydantic_core import PydanticCustomError

from capture.domain.identity import read_email
from capture.domain.phones import parse_phone_number

LABEL = "a" * 63
LONG = f"{LABEL}.{LABEL}"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 64 + "@b.example",
        f"x@{LABEL}.example",
        "ü" * 32 + "@b.example",
        "a" * 64 + f"@{LONG}." + "a" * 57 + ".com",
    ],
    ids=["local part", "label", "local part in UTF-8", "address"],
)
def test_the_longest_that_there_may_be(text: str) -> None:
    found = read_email(text)
    assert found is not None
    assert found.address == text


@pytest.mark.parametrize(
    "text",
    [
        "a" * 65 + "@b.example",
        f"x@{LABEL}a.example",
        "ü" * 33 + "@b.example",
        "a" * 64 + f"@{LONG}." + "a" * 58 + ".com",
        "x@" + "ü" * 60 + ".example",
        "x" * 60 + "@" + ".".join(["ü" * 20] * 8) + ".example",
        "x@-b.example",
        "x@b-.example",
        ".x@b.example",
        "x.@b.example",
        "x..y@b.example",
        "x@b..example",
        "x@192.0.2.1",
    ],
)
def test_what_no_mail_server_takes_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError, match=r"Not an e-mail address\."):
        read_email(text)


@pytest.mark.parametrize(
    "text", ["x\u200b@b.example", "\u2066x@b.example\u2069", "x@b.exam\u00adple", "\ufeffx@b.example "]
)
def test_letters_that_nobody_sees_cost_no_address(text: str) -> None:
    """Who copied it from a page or a chat does not know that they are there."""
    found = read_email(text)
    assert found is not None
    assert found.address == "x@b.example"


@pytest.mark.parametrize("read", [read_email, partial(parse_phone_number, country=None)])
def test_what_is_no_text_is_no_address(read: Callable[[object], object]) -> None:
    with pytest.raises(PydanticCustomError, match="Not a string"):
        read(493012345678)
