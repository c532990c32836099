"""What the tests of the local stack share."""

import socket
from contextlib import ExitStack

import pytest


@pytest.fixture(scope="session")
def port_base() -> int:
    """A base whose six ports nobody has, below those the system gives to connections."""
    for base in range(21_000, 29_000, 10):
        with ExitStack() as taken:
            try:
                for port in range(base + 1, base + 7):
                    taken.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return base
    raise AssertionError("no six ports are free")
