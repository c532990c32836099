"""Spans for a collector that takes OTLP over HTTP. Loaded only where `OTEL_EXPORTER_OTLP_ENDPOINT` names one."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.util.re import parse_env_headers

from events.runtime import metrics, retry
from events.runtime.logging import logger

log = logger()

EXPORT_SECONDS = 5.0
"""A collector has so long to take what it is sent, tries included."""
EVERY_MILLISECONDS = 1_000
MOST_WAITING = 20_000
"""Spans wait for the next sending in memory; of more, the oldest are dropped."""
FAILED = 500


class Tracer:
    """Makes the spans of one service and sends those that ended, beside the work."""

    def __init__(self, service: str, *, endpoint: str, headers: str, share: float, instance: str | None) -> None:
        """Send to `endpoint` (its path without `/v1/traces`) the given share of the traces that begin here."""
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # what was not taken is counted and logged here
        named = {"service.instance.id": instance} if instance else {}
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(share)),
            resource=Resource.create(
                {
                    "service.namespace": "baton",
                    "service.name": service,
                    "service.version": version("baton-events"),
                    **named,
                }
            ),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(
            endpoint=f"{endpoint.rstrip('/')}/v1/traces",
            headers=parse_env_headers(headers, liberal=True),
            timeout=EXPORT_SECONDS,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                CountingExporter(exporter), max_queue_size=MOST_WAITING, schedule_delay_millis=EVERY_MILLISECONDS
            )
        )
        self._tracer = self._provider.get_tracer("baton")

    def start_publish_span(self, ce_type: str, topic: str, ce_id: str, parent: str | None, request: str | None) -> Span:
        """Start the span of a record that is published; its `traceparent` travels with the record.

        Args:
            ce_type: Its type, the span's name.
            topic: Where it goes.
            ce_id: Its id.
            parent: What it follows from; None begins a trace.
            request: The request that led to it, where that belongs to another trace.
        """
        attributes = {
            "messaging.system": "kafka",
            "messaging.operation.type": "send",
            "messaging.destination.name": topic,
            "messaging.message.id": ce_id,
        }
        links = [Link(_parse_span_context(request))] if request and request != parent else []
        return self._tracer.start_span(ce_type, _context_below_parent(parent), SpanKind.PRODUCER, attributes, links)

    def start_apply_span(self, ce_type: str, topic: str, ce_id: str, parent: str) -> Span:
        """Start the span of a record that came and is applied."""
        attributes = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": topic,
            "messaging.message.id": ce_id,
        }
        return self._tracer.start_span(
            f"process {ce_type}", _context_below_parent(parent), SpanKind.CONSUMER, attributes
        )

    @contextmanager
    def request_span(self, method: str, parent: str | None) -> Iterator[Span]:
        """Return the span of a request, which ends with its answer (`answered`)."""
        span = self._tracer.start_span(
            method, _context_below_parent(parent), SpanKind.SERVER, {"http.request.method": method}
        )
        try:
            yield span
        finally:
            span.end()

    @staticmethod
    def note_answer(span: Span, name: str, route: str, status: int) -> None:
        """Write into a request's span how it was answered."""
        span.update_name(name)
        span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= FAILED:
            span.set_status(StatusCode.ERROR)

    @staticmethod
    def traceparent_of(span: Span) -> str:
        """Return a span's `traceparent`, also of one that is not recorded."""
        found = span.get_span_context()
        return f"00-{found.trace_id:032x}-{found.span_id:016x}-{found.trace_flags:02x}"

    def close(self) -> None:
        """Send what is left; takes up to `EXPORT_SECONDS` where the collector is away."""
        self._provider.shutdown()


class CountingExporter(SpanExporter):
    """Counts what the collector does not take: lost spans are no reason to stop, and no secret."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failures = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans once; those that are not taken are lost."""
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._failures = 0
            return result
        self._failures += 1
        metrics.SPANS_LOST.inc(len(spans))
        if retry.is_attempt_logged(self._failures):
            log.warning("spans_lost", count=len(spans), attempt=self._failures)
        return result

    def shutdown(self) -> None:
        """Send nothing any more."""
        self._exporter.shutdown()


def _parse_span_context(traceparent: str) -> SpanContext:
    _, trace, span, flags = traceparent.split("-")
    return SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def _context_below_parent(parent: str | None) -> Context:
    return set_span_in_context(NonRecordingSpan(_parse_span_context(parent)), Context()) if parent else Context()
