"""HTTP/1.1 below the application: what no application sees is bounded and answered with a problem here.

A sender that dribbles its headers gets 408, headers without end 431, what is not HTTP 400.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from events.runtime import metrics, problems
from events.runtime.edge import MOST_HEADERS

LINGER_SECONDS = 2.0


class Protocol(HttpToolsProtocol):
    """One connection. `seconds` is the time that a request's headers may take."""

    def __init__(self, *args: Any, seconds: float, **more: Any) -> None:
        super().__init__(*args, **more)
        self._seconds = seconds
        self._deadline: asyncio.TimerHandle | None = None
        self._head = 0
        """Bytes since the deadline was set."""
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._headers_are_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; between two requests the clock starts with the first byte of the next."""
        if self._refused:
            return
        if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._await_headers()
        self._head += len(data)
        super().data_received(data)
        if self._deadline is not None and self._head > 2 * MOST_HEADERS and not self._refused:
            self._refuse(431, "headers_too_large")

    def on_headers_complete(self) -> None:
        """Hand the request on."""
        self._headers_are_there()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's words may quote the request
        """Refuse what is not HTTP, a length given twice or below zero among it."""
        self._refuse(400, "http_invalid")

    def _await_headers(self) -> None:
        self._head = 0
        self._deadline = self.loop.call_later(self._seconds, self._too_slow)

    def _headers_are_there(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self._head and (self.cycle is None or not self.cycle.more_body):
            self._refuse(408, "headers_too_slow")
        else:
            self.transport.close()

    def _refuse(self, status: int, code: str) -> None:
        answer = problems.respond(status, [{"field": "", "code": code}], headers={"Connection": "close"})
        lines = [b"HTTP/1.1 %d %b" % (status, HTTPStatus(status).phrase.encode())]
        lines += [b"%b: %b" % header for header in answer.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self._leave()
        metrics.HTTP.labels("none", "unmatched", status).inc()

    def _leave(self) -> None:
        """Hang up, but hear the sender out for a moment: a reset for what nobody read would take the answer with it."""
        self._refused = True
        self._headers_are_there()
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.transport.resume_reading()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)
