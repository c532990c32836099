"""HTTP/1.1 below the application: what no application sees is bounded and answered with a problem here.

A sender that dribbles its headers gets 408, headers without end 431, what is not HTTP 400. What is too much at once
gets 503 before any of it is read: an overload must not be spent on refusals.
"""

import asyncio
import select
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from events.runtime import metrics, problems
from events.runtime.logging import logger
from events.runtime.middleware import ARRIVED, MOST_HEADERS
from events.runtime.openapi import OPEN
from events.runtime.problems import RETRY_LATER

log = logger()

LINGER_SECONDS, LONGEST_LINGER = 2.0, 120.0
"""How long a sender may say nothing before a connection is closed whose request was answered before it was read, and
how long it may go on sending: whoever sends a large file reads no answer before its end."""
SHORT_LINE, LONGEST_WAIT = 100, 0.5
"""Requests that may be open whatever the pace; with more than these, and answers that take so many seconds, the next
one is refused."""
OF_LATE = 8
"""Answers, about."""
_PROBES = [[path.encode()] for path in OPEN]


class _LingeringTransport:
    """What a request is answered by: closes only once what is still on its way was read."""

    __slots__ = ("close", "is_closing", "write")

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self.write, self.is_closing, self.close = transport.write, transport.is_closing, close


@dataclass(slots=True)
class OpenRequestLimit:
    """How many requests may be open, and how long answers take of late, counted from the end of what was asked."""

    most: int
    took: float = 0.0

    def note_answer(self, seconds: float) -> None:
        """Note one answer; a single slow one says little."""
        self.took += (seconds - self.took) / OF_LATE

    def is_too_much(self, requests: int) -> bool:
        """Return whether one more than these would wait too long."""
        return requests >= self.most or (requests >= SHORT_LINE and self.took > LONGEST_WAIT)


class HttpProtocol(HttpToolsProtocol):
    """One HTTP connection, which is closed where the headers of a request take longer than `seconds`.

    `open_requests` counts the requests of all connections, and refuses what is too much.
    """

    def __init__(self, *args: Any, seconds: float, open_requests: OpenRequestLimit, **more: Any) -> None:
        super().__init__(*args, **more)
        self._seconds = seconds
        self._open_requests = open_requests
        self._asked_at: float | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._head = 0
        """Bytes since the first of the request."""
        self._arrived_at = 0.0
        self._in_message = False
        """Whether a request has begun whose end was not read yet."""
        self._refused = False
        self._reads_past = False
        """Whether all is answered, and what still comes is read for nobody."""
        self._heard_at = 0.0
        """When bytes came last of what is read past."""
        self._stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request, as long as between two."""
        super().connection_made(transport)
        self._answering = _LingeringTransport(transport, self._close_after_reading_request)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._cancel_header_deadline()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; the clock of a request starts with its first byte."""
        if self._refused:
            self._heard_at = self.loop.time()
            return
        if self._deadline is None and not self._in_message:
            self._start_header_deadline()
            full = not self._is_answer_due() and self._open_requests.is_too_much(len(self.tasks))
            if full and data.split(b" ", 2)[1:2] not in _PROBES:
                metrics.SHED.inc()
                self._refuse_request(503, "overloaded")
                return
        self._head += len(data)
        super().data_received(data)
        if self._deadline is not None and self._head > 2 * MOST_HEADERS and not self._refused:
            self._refuse_request(431, "headers_too_large")

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer what was asked in full: who sends no more may still listen. Half a request is none."""
        if self._refused:
            return True
        if self._in_message or self._deadline is not None:
            self._refuse_request(400, "http_invalid")
            return True
        if self._is_answer_due():
            self._last_request_cycle().keep_alive = False
            return True
        return False

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self._in_message = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Hand the request on."""
        self._cancel_header_deadline()
        self._asked_at = None
        self.scope["state"][ARRIVED] = self._arrived_at
        super().on_headers_complete()
        self.cycle.transport = cast("Any", self._answering)
        if self._stopping:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """All was asked: from now on the sender waits for us, and no longer we for the sender."""
        self._in_message = False
        self._asked_at = self.loop.time()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Note how long the answer took, and go on."""
        if self._asked_at is not None:
            self._open_requests.note_answer(self.loop.time() - self._asked_at)
        if not self._reads_past:
            super().on_response_complete()

    def _close_after_reading_request(self) -> None:
        """Close behind an answer, after the rest of its request was read."""
        if self._in_message:
            self._refused = self._reads_past = True
            self._close_after_reading()
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's words may quote the request
        """Refuse what is not HTTP, a length given twice or below zero among it."""
        self._refuse_request(400, "http_invalid")

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nobody asks; what has arrived and was not read yet is answered."""
        if not self._has_unread_bytes():
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Answer what was asked and close then; close at once where nobody asks."""
        self._stopping = True
        if self._is_answer_due():
            self._last_request_cycle().keep_alive = False
        elif not (self._refused or self._in_message or self._deadline is not None or self._has_unread_bytes()):
            self.transport.close()

    def _is_answer_due(self) -> bool:
        """Check whether an answer is due."""
        return self.cycle is not None and not self.cycle.response_complete

    def _last_request_cycle(self) -> RequestResponseCycle:
        """Return the last request that was read: those sent ahead wait in line, the newest first."""
        return self.pipeline[0][0] if self.pipeline else self.cycle

    def _has_unread_bytes(self) -> bool:
        """Check whether the kernel has bytes for us: a timer of a busy loop may come before them."""
        if self.transport.is_closing():
            return False
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def _start_header_deadline(self) -> None:
        self._head = 0
        self._arrived_at = self.loop.time()
        self._deadline = self.loop.call_later(self._seconds, self._refuse_slow_headers)

    def _cancel_header_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse_slow_headers(self) -> None:
        self._deadline = None
        self._refuse_request(408, "headers_too_slow")

    def _refuse_request(self, status: int, code: str) -> None:
        """Answer what cannot be read, and read no more; what was asked in full before is answered first."""
        metrics.HTTP.labels("none", "unmatched", status).inc()
        self._refused = True
        self._cancel_header_deadline()
        if self._is_answer_due() and not self._last_request_cycle().more_body:
            self._last_request_cycle().keep_alive = False
            return
        if not (self._is_answer_due() and (self.pipeline or self.cycle.response_started)):
            self.transport.write(_build_refusal_bytes(status, code))
        self._close_after_reading()

    def _close_after_reading(self) -> None:
        """Hang up, but read on while something comes: a reset for what nobody read would take the answer with it."""
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.transport.resume_reading()
        self.loop.call_later(LINGER_SECONDS, self._close_when_silent, self.loop.time() + LONGEST_LINGER)

    def _close_when_silent(self, latest: float) -> None:
        """Close once nothing more comes, and at the latest then (the loop's time)."""
        now = self.loop.time()
        if self._stopping or now >= latest or now - self._heard_at >= LINGER_SECONDS:
            self.transport.close()
        else:
            self.loop.call_later(LINGER_SECONDS, self._close_when_silent, latest)


@lru_cache
def _build_refusal_bytes(status: int, code: str) -> bytes:
    """Write an answer and close the connection: who waits to be accepted comes before who comes again at once."""
    headers = {"Connection": "close", **(RETRY_LATER if status == HTTPStatus.SERVICE_UNAVAILABLE else {})}
    answer = problems.answer_with_problem(status, [{"field": "", "code": code}], headers=headers)
    lines = [b"HTTP/1.1 %d %b" % (status, HTTPStatus(status).phrase.encode())]
    lines += [b"%b: %b" % header for header in answer.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])
