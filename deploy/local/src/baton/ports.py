"""TCP ports on the loopback interface: the stack never listens on anything else."""

import secrets
import socket
from contextlib import closing

LOOPBACK = "127.0.0.1"


FIRST, LAST = 10_000, 32_000
"""Below the ports that systems give to outgoing connections (Linux: from 32768), one of which could take a server's
port while it restarts."""


def free_port() -> int:
    """Return a port nobody listens on right now (somebody may take it before it is used)."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Return whether a server could listen on `port`, ignoring connections that are closing."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def keep_or_free(wanted: int | None) -> int:
    """Return `wanted` while it can be had, so that URLs stay the same between starts."""
    return wanted if wanted is not None and is_free(wanted) else free_port()
