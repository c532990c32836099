"""Connections that are kept: nobody is hung up on without an answer, at the end of a wait or of a process either."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest

from events.runtime.accepting import PacedServer
from events.runtime.protocol import HttpProtocol
from tests.bad_input.conftest import Target
from tests.bad_input.test_on_the_wire import PATIENCE_SECONDS, post

pytestmark = pytest.mark.parametrize("target", ["capture"], indirect=True)

LARGE = 16_000_000
"""Bytes of a body: more than the kernel takes on the way."""
ASK = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


class Kept(NamedTuple):
    """A server in this process, and one connection to it."""

    server: PacedServer
    serving: "asyncio.Task[None]"
    client: socket.socket

    @property
    def protocol(self) -> HttpProtocol:
        """The server's side of the connection."""
        (found,) = self.server.server_state.connections
        assert isinstance(found, HttpProtocol)
        return found

    async def answers(self) -> bytes:
        """Everything until the server hangs up."""
        loop, received = asyncio.get_running_loop(), b""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while data := await loop.sock_recv(self.client, 65_536):
                received += data
        return received

    async def asks(self, sent: bytes = ASK) -> bytes:
        """One answer on the open connection."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.client, sent)
        received = b""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while b"}" not in received:
                data = await loop.sock_recv(self.client, 65_536)
                assert data, "cut off"
                received += data
        return received


@asynccontextmanager
async def kept(target: Target, **settings: Any) -> AsyncIterator[Kept]:
    """Serve, and connect."""
    service = target.harness.service
    before, service.settings = service.settings, service.settings.model_copy(update=settings)
    listening = socket.create_server(("127.0.0.1", 0))
    server = PacedServer(service.uvicorn_config(lifespan="off", loop="none"))
    serving = asyncio.create_task(server._serve([listening]))
    client = socket.create_connection(listening.getsockname())
    client.setblocking(False)
    yield Kept(server, serving, client)
    server.should_exit = True
    await serving
    client.close()
    listening.close()
    service.settings = before


async def test_a_connection_may_rest_longer_than_headers_may_take(target: Target) -> None:
    """Pools connect before they ask. The first request has as much time as any other."""
    async with kept(target, request_seconds=0.05) as found:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await asyncio.get_running_loop().sock_recv(found.client, 1)
        assert b" 200 " in await found.asks()


async def test_what_arrived_before_the_wait_ended_is_answered(target: Target) -> None:
    """The timer of a busy loop may come before the bytes that came before it."""
    async with kept(target) as found:
        await found.asks()
        found.client.send(ASK)
        found.protocol.timeout_keep_alive_handler()
        assert b" 200 " in await found.asks(b"")


async def test_an_idle_connection_is_closed_in_the_end(target: Target) -> None:
    async with kept(target, idle_seconds=0.05) as found:
        assert b" 200 " in await found.asks()
        assert await found.answers() == b""


async def test_what_arrived_before_the_end_is_answered_and_the_connection_closes(target: Target) -> None:
    async with kept(target) as found:
        await found.asks()
        found.client.send(ASK)
        found.protocol.shutdown()
        answer = await found.answers()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer


async def test_who_connected_before_the_end_is_answered(target: Target) -> None:
    """Nobody who waits to be accepted is left with a reset."""
    async with kept(target) as found:
        await found.asks()
        late = socket.create_connection(found.client.getpeername())
        late.send(ASK)
        await found.server.shutdown()
        late.setblocking(False)
        answer = await Kept(found.server, found.serving, late).answers()
        late.close()
    assert answer.startswith(b"HTTP/1.1 200")


async def test_who_sends_no_more_is_answered_all_the_same(target: Target) -> None:
    async with kept(target) as found:
        found.client.send(ASK)
        found.client.shutdown(socket.SHUT_WR)
        assert (await found.answers()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("part", [ASK[:20], b"POST /v1/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"])
async def test_who_ends_in_the_middle_of_a_request_gets_a_problem(target: Target, part: bytes) -> None:
    async with kept(target) as found:
        found.client.send(part)
        found.client.shutdown(socket.SHUT_WR)
        answer = await found.answers()
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 401"))


@pytest.mark.parametrize("code", ["413", "503"])
async def test_whoever_sends_a_large_file_before_reading_gets_the_answer(target: Target, code: str) -> None:
    """Old proxies and simple clients close the connection themselves and read at the end: a reset would come first."""
    async with kept(target) as found:
        if code == "503":
            await found.asks()
            found.protocol._open_requests.most = 0
        head = post(target.harness, f"Content-Length: {LARGE}\r\nConnection: close")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.get_running_loop().sock_sendall(found.client, head + b"x" * LARGE)
        answer = await found.answers()
    assert answer.startswith(f"HTTP/1.1 {code}".encode())
    assert (b"retry-after" in answer.lower()) == (code == "503")


async def test_whoever_goes_on_sending_does_not_hold_up_the_end_of_a_process(target: Target) -> None:
    async with kept(target) as found:
        head = post(target.harness, f"Content-Length: {LARGE}\r\nConnection: close")
        answer = await found.asks(head)
        found.protocol.shutdown()
        await found.answers()
    assert answer.startswith(b"HTTP/1.1 413")


async def test_a_body_that_comes_after_its_answer_is_no_new_request(target: Target) -> None:
    """Refused by its headers, the rest of a body is read past, however late it comes and however much is open."""
    async with kept(target, request_seconds=0.05) as found:
        head = post(target.harness, "Content-Length: 12").replace(b"Bearer ", b"Bearer x")
        assert b" 401 " in await found.asks(head)
        found.protocol._open_requests.most = 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await found.asks(b'{"email":')
        assert b" 200 " in await found.asks(b"1}}" + ASK)


async def test_requests_sent_ahead_are_answered_in_their_order_before_a_refusal(target: Target) -> None:
    async with kept(target) as found:
        found.client.send(ASK + ASK + b"no request\r\n\r\n")
        answers = await found.answers()
    assert answers.count(b"HTTP/1.1 200") == 2
