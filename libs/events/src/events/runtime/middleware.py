"""The outermost layer: counts and times answers, bounds requests in size and time."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.runtime import html, metrics, problems, queries, traces
from events.runtime.bodies import exceeds_limit
from events.runtime.deadlines import begin_request_deadline
from events.runtime.openapi import OPEN, Application
from events.runtime.problems import RETRY_LATER, Problem

if TYPE_CHECKING:
    from events.runtime.spans import Tracer

MOST_HEADERS = 32_768
"""Bytes of all headers of a request, each counted with 32 more for keeping it."""
LONGEST_ADDRESS = 8_192
"""Bytes of path and query."""
PAUSE_SECONDS = 30.0
"""A stream that says nothing for so long has ended."""
ARRIVED = "arrived_at"
"""Where the server keeps, in a request's state, when its first byte came (the loop's time)."""
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
"""A name or an address, and a port (RFC 9110, 7.2); whoever reads it otherwise than we do could be misled by us."""
ONCE = frozenset({b"authorization", b"content-type", b"content-encoding", b"idempotency-key", b"origin"})
"""Headers that decide who asks for what: of two, a proxy before us may have read the other."""
OTHER, UNMATCHED = "OTHER", "unmatched"
"""How metrics name a method that is not offered, and its route: strangers choose it, and each name is kept for ever."""
NOT_OFFERED = 405


class BodyLimits(NamedTuple):
    """Bytes of a body, and seconds for it to arrive."""

    body: int
    seconds: float


class RequestMiddleware:
    """Answers one request after the other has passed the bounds; turns what nobody caught into a problem."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        application: Application,
        limits: BodyLimits,
        streams: Callable[[str, str], bool],
        starting: Callable[[], bool] = lambda: False,
        tracer: "Callable[[], Tracer | None]" = lambda: None,
    ) -> None:
        self.app = app
        self.application = application
        self.limits = limits
        self.streams = streams
        self.starting = starting
        self.tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, on behalf of the caller whose trace it names."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        parent, tracer = traces.find_traceparent(scope["headers"]), self.tracer()
        if tracer is None or scope["path"] in OPEN:
            with traces.on_behalf_of(traces.TraceParent(parent, named=True) if parent else None):
                await self._answer_request(scope, receive, send)
            return
        method = scope["method"]
        with (
            tracer.request_span(method, parent) as span,
            traces.on_behalf_of(traces.TraceParent(tracer.traceparent_of(span), named=parent is not None)),
        ):
            route, status = await self._answer_request(scope, receive, send)
            tracer.note_answer(span, f"{method} {route}", route, status)

    async def _answer_request(self, scope: Scope, receive: Receive, send: Send) -> tuple[str, int]:
        """Answer one request; return its route and the status."""
        started = time.perf_counter()
        begin_request_deadline(scope.get("state", {}).get(ARRIVED, asyncio.get_running_loop().time()))
        status = 0
        head = scope["method"] == "HEAD"

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                html.add_security_headers(message)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        asked = {**scope, "method": "GET"} if head else scope
        try:
            self._check_request(asked)
            await self.app(asked, self._limit_body(asked, receive), note)
        except Exception as error:
            if status:
                raise
            answer = (
                problems.answer_expected_error(error)
                if isinstance(error, Problem)
                else problems.answer_unexpected(error)
            )
            await answer(scope, receive, note)
        route = getattr(asked.get("route"), "path", UNMATCHED)
        of = (OTHER, UNMATCHED) if status == NOT_OFFERED else (scope["method"], route)
        metrics.HTTP.labels(*of, status).inc()
        metrics.HTTP_SECONDS.labels(*of).observe(time.perf_counter() - started, self._trace_exemplar())
        return route, status

    def _trace_exemplar(self) -> dict[str, str] | None:
        """Return the trace of the request where somebody collects it."""
        caller = traces.current_caller()
        return traces.build_exemplar(caller.traceparent) if caller and self.tracer() else None

    def _check_request(self, scope: Scope) -> None:
        """Refuse what need not be read any further."""
        if self.starting() and scope["path"] not in OPEN:
            raise Problem(503, "starting", headers=RETRY_LATER)
        _check_headers(scope)
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            raise Problem(414, "address_too_long")
        if "\0" in scope["path"]:
            raise Problem(422, "control_character", field="path")
        if scope["query_string"]:
            self._check_query(scope)

    def _check_query(self, scope: Scope) -> None:
        """Refuse a NUL, which PostgreSQL could not look for, and what the operation's document does not offer."""
        query = scope["query_string"]
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        if b"%00" in query or b"\0" in query:
            spoilt = {name for name, value in pairs if "\0" in value} & self.application.list_parameter_names()
            raise Problem(422, "control_character", field=min(spoilt, default="query"))
        if scope["path"].startswith("/v1/"):
            address = self.application.find_path(scope["path"])
            taken = address.methods.get(scope["method"]) if address else None
            if taken is not None:
                queries.check_parameters(pairs, taken)

    def _limit_body(self, scope: Scope, receive: Receive) -> Receive:
        """Return the body as it arrives, until it is too large or takes too long."""
        if self.streams(scope["method"], scope["path"]):
            return _end_of_stream_as_end_of_body(receive)
        for name, value in scope["headers"]:
            if name == b"content-length" and exceeds_limit(value, self.limits.body):
                raise Problem(413, "body_too_large", field="body")
        taken = 0
        whole = False
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.limits.seconds

        async def take() -> Message:
            nonlocal taken, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise Problem(408, "body_too_slow", field="body", headers={"Connection": "close"}) from None
            whole = not message.get("more_body", False)
            if whole and taken:
                begin_request_deadline(loop.time())  # until now the sender was waited for
            taken += len(message.get("body", b""))
            if taken > self.limits.body:
                raise Problem(413, "body_too_large", field="body")
            return message

        return take


def _end_of_stream_as_end_of_body(receive: Receive) -> Receive:
    """Take a stream that stopped for the end of it: the lines that are there are answered."""
    whole = False

    async def take() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                message = await receive()
        except TimeoutError:
            message = {"type": "http.disconnect"}
        whole = not message.get("more_body", False)
        return message

    return take


def _check_headers(scope: Scope) -> None:
    size = 0
    hosts = []
    single: set[bytes] = set()
    for name, value in scope["headers"]:
        size += len(name) + len(value) + 32
        if name == b"content-length" and not value.isdigit():
            raise Problem(400, "content_length_invalid", field="Content-Length")
        if name == b"host":
            hosts.append(value)
        elif name in ONCE:
            if name in single:
                raise Problem(400, "repeated_header", field=name.decode().title())
            single.add(name)
    if size > MOST_HEADERS:
        raise Problem(431, "headers_too_large")
    if len(hosts) != 1 and (hosts or scope["http_version"] != "1.0"):
        raise Problem(400, "host_invalid", field="Host")
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise Problem(400, "host_invalid", field="Host")
