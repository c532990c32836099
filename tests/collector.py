"""A small collector of traces: an HTTP server that takes OTLP and keeps the spans it was sent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Span:
    """A span as the collector was sent it; ids in hexadecimal digits, as `traceparent` has them."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    links: tuple[str, ...]
    """The ids of the spans it names besides its parent."""


@dataclass
class Collector:
    """What came, in its order."""

    url: str
    spans: list[Span] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    """Of the last request."""
    arrival: threading.Condition = field(default_factory=threading.Condition)

    def until(self, there: Callable[[list[Span]], bool]) -> list[Span]:
        """Return all spans as soon as they satisfy a condition."""
        with self.arrival:
            assert self.arrival.wait_for(lambda: there(self.spans), PATIENCE_SECONDS), [
                (span.service, span.name) for span in self.spans
            ]
            return list(self.spans)

    def received(self, body: bytes) -> None:
        """Keep the spans of one request."""
        spans = [
            Span(
                _plain(of_service.resource.attributes)["service.name"],
                span.name,
                span.trace_id.hex(),
                span.span_id.hex(),
                span.parent_span_id.hex(),
                _plain(span.attributes),
                tuple(link.span_id.hex() for link in span.links),
            )
            for of_service in ExportTraceServiceRequest.FromString(body).resource_spans
            for of_scope in of_service.scope_spans
            for span in of_scope.spans
        ]
        with self.arrival:
            self.spans += spans
            self.arrival.notify_all()


def _plain(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            assert self.headers["Content-Type"] == "application/x-protobuf"
            collector.headers = dict(self.headers)
            collector.received(self.rfile.read(int(self.headers["Content-Length"])))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Write nothing to the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
