"""What no application sees: bytes that are no request, and senders that take their time. A real socket and server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import orjson
import pytest

from events.runtime import Service
from events.runtime.accepting import PacedServer
from events.runtime.testing import ServiceHarness
from tests.bad_input.conftest import Target

capture = pytest.mark.parametrize("target", ["capture"], indirect=True)
DEADLINE_SECONDS = 0.3
PATIENCE_SECONDS = 20.0


class Heard(NamedTuple):
    """One answer, read to the end of the connection."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        found: str = orjson.loads(self.body)["errors"][0]["code"]
        return found


@asynccontextmanager
async def served(service: Service, **settings: Any) -> AsyncIterator[int]:
    """Serve under other settings, on a port of its own."""
    before = service.settings
    service.settings = before.model_copy(update=settings)
    listening = socket.create_server(("127.0.0.1", 0))
    server = PacedServer(service.uvicorn_config(lifespan="off", loop="none"))
    serving = asyncio.create_task(server._serve([listening]))
    yield listening.getsockname()[1]
    server.should_exit = True
    await serving
    listening.close()
    service.settings = before


@pytest.fixture
async def wire(target: Target) -> AsyncIterator[int]:
    """The service, with little patience."""
    async with served(target.harness.service, request_seconds=DEADLINE_SECONDS, idle_seconds=DEADLINE_SECONDS) as port:
        yield port


async def say(port: int, *pieces: bytes) -> Heard:
    """Send bytes as they are and hear the answer until the other side hangs up; the sender itself never does."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
        try:
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Heard(int(first.split()[1]), headers, body)


def post(harness: ServiceHarness, *headers: str, body: bytes = b"") -> bytes:
    key = harness.http.headers["Authorization"]
    lines = ["POST /v1/contacts HTTP/1.1", "Host: x", f"Authorization: {key}", "Content-Type: application/json"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def is_a_problem(heard: Heard, status: int, code: str) -> None:
    assert (heard.status, heard.code) == (status, code)
    assert heard.headers["content-type"] == "application/problem+json"
    assert orjson.loads(heard.body)["status"] == status


@capture
@pytest.mark.parametrize("sent", [b"", b"GET /livez HT", b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: a"])
async def test_who_dribbles_headers_is_cut_off(target: Target, wire: int, sent: bytes) -> None:
    """B74. Who said nothing at all is told nothing."""
    if sent:
        is_a_problem(await say(wire, sent), 408, "headers_too_slow")
    else:
        with pytest.raises(IndexError):
            await say(wire)
    assert await target.rows() == target.untouched


@capture
@pytest.mark.parametrize(
    "announced", ["Content-Length: 20", "Transfer-Encoding: chunked"], ids=["announced", "chunked"]
)
async def test_who_dribbles_a_body_is_cut_off(target: Target, wire: int, announced: str) -> None:
    """B74."""
    begun = b"1\r\n{\r\n" if "chunked" in announced else b"{"
    is_a_problem(await say(wire, post(target.harness, announced, body=begun)), 408, "body_too_slow")
    assert await target.rows() == target.untouched


@capture
@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: -1",),
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: 2", "Content-Length: 2"),
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Content-Length: 0x2",),
        ("Bad Name: 1",),
    ],
    ids=str,
)
async def test_what_is_no_request_is_refused(target: Target, wire: int, headers: tuple[str, ...]) -> None:
    """B76: two parties that read two lengths out of one request would take its end for the next one."""
    is_a_problem(await say(wire, post(target.harness, *headers, body=b"{}")), 400, "http_invalid")
    assert await target.rows() == target.untouched


@capture
async def test_headers_without_end_are_refused_before_the_end(wire: int) -> None:
    """B77."""
    endless = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 200_000
    is_a_problem(await say(wire, endless), 431, "headers_too_large")


@capture
async def test_a_large_body_is_refused_before_it_is_read(target: Target, wire: int) -> None:
    """B22: 50 MB announced and none of it sent; the answer comes all the same."""
    heard = await say(wire, post(target.harness, "Content-Length: 52428800", "Connection: close"))
    is_a_problem(heard, 413, "body_too_large")


@capture
async def test_a_head_has_no_body_on_the_wire(wire: int) -> None:
    """B78."""
    heard = await say(wire, b"HEAD /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (heard.status, heard.body) == (200, b"")
    assert int(heard.headers["content-length"]) > 1000


@capture
async def test_when_too_much_is_open_the_next_is_asked_to_come_back(target: Target) -> None:
    """Shed at once, while nothing of what was shed is done; probes are answered all the same."""
    body = b'{"email":"ada@customer.example"}'
    async with served(target.harness.service, most_requests=0) as port:
        heard = await say(port, post(target.harness, f"Content-Length: {len(body)}", "Connection: close", body=body))
        alive = await say(port, b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    is_a_problem(heard, 503, "overloaded")
    assert heard.headers["retry-after"]
    assert alive.status == 200
    assert await target.rows() == target.untouched


HOSTS = [
    ("two", ("Host: x", "Host: y")),
    ("the same twice", ("Host: x", "Host: x")),
    ("none", ()),
    ("empty", ("Host: ",)),
    ("a path", ("Host: x/y",)),
    ("a user", ("Host: y@x",)),
    ("a list", ("Host: x, y",)),
]


@capture
@pytest.mark.parametrize("hosts", [hosts for _, hosts in HOSTS], ids=[name for name, _ in HOSTS])
async def test_a_request_names_its_host_once(wire: int, hosts: tuple[str, ...]) -> None:
    """B78: of two parties one would believe the first, one the last."""
    lines = ["GET /livez HTTP/1.1", *hosts, "Connection: close", "", ""]
    is_a_problem(await say(wire, "\r\n".join(lines).encode()), 400, "host_invalid")


@capture
@pytest.mark.parametrize("host", ["x", "x:8000", "10.0.0.1", "[::1]:8000", "baton.example"])
async def test_a_host_in_order_is_taken(wire: int, host: str) -> None:
    heard = await say(wire, f"GET /livez HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert heard.status == 200
