"""The caller's trace goes on in log lines and records; what was rolled back is no span; a collector may be away."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog
from prometheus_client import REGISTRY

from baton.ports import free_port
from events.contacts import ContactCaptured
from events.envelope import Envelope
from events.runtime import logging as logs
from events.runtime import spans, traces
from events.runtime.spans import Tracer
from tests.collector import Collector, collecting

from .conftest import Outsider, Toy, captured, until

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([PARENT], PARENT),
        ([f"cc-{TRACE}-{SPAN}-00"], f"cc-{TRACE}-{SPAN}-00"),
        ([], None),
        ([PARENT, PARENT], None),
        ([PARENT.upper()], None),
        ([f"{PARENT}-more"], None),
        ([f"ff-{TRACE}-{SPAN}-01"], None),
        ([f"00-{'0' * 32}-{SPAN}-01"], None),
        ([f"00-{TRACE}-{'0' * 16}-01"], None),
        (["00-\0-x-01"], None),
    ],
)
def test_a_trace_that_is_malformed_begins_anew(headers: list[str], expected: str | None) -> None:
    given = [(b"host", b"service"), *((b"traceparent", each.encode()) for each in headers)]
    assert traces.find_traceparent(given) == expected


def test_a_child_keeps_its_trace_and_whether_it_is_recorded() -> None:
    assert traces.build_log_ids(traces.make_traceparent(PARENT))["trace_id"] == TRACE
    assert traces.make_traceparent(f"00-{TRACE}-{SPAN}-00").endswith("-00")
    assert traces.make_traceparent(PARENT) != traces.make_traceparent(PARENT)
    assert traces.make_traceparent(None)[3:35] != traces.make_traceparent(None)[3:35]


def test_a_measurement_leads_to_a_trace_that_is_recorded() -> None:
    assert traces.build_exemplar(PARENT) == {"trace_id": TRACE}
    assert traces.build_exemplar(f"00-{TRACE}-{SPAN}-00") is None
    assert traces.build_exemplar(None) is None


def test_log_lines_of_a_request_carry_its_ids() -> None:
    with traces.on_behalf_of(traces.TraceParent(PARENT, named=True)):
        line = logs.add_trace_ids(None, "warning", {"event": "request_failed"})
    assert line == {"event": "request_failed", "trace_id": TRACE, "span_id": SPAN}
    assert logs.add_trace_ids(None, "warning", {"event": "request_failed"}) == {"event": "request_failed"}
    assert {"trace_id", "span_id"} <= logs.ALLOWED


def test_a_service_that_is_not_traced_loads_nothing_for_it() -> None:
    """Free when off."""
    asked = "import sys, capture.app; print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    assert subprocess.run((sys.executable, "-c", asked), capture_output=True, text=True, check=True).stdout == "[]\n"


def record(event: ContactCaptured, parent: str) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    envelope = Envelope(str(event.ce_id), event.ce_type, "outsider", datetime.now(UTC), 1, parent)
    return event.key.encode(), event.encode(), envelope.headers()


async def test_a_record_that_is_parked_leaves_its_ids_in_the_log_and_what_was_rolled_back_no_span(
    lone_toy: Toy, collector: Collector
) -> None:
    """Its neighbour of the same batch, which was rolled back with it, is one span and not two."""
    good, bad = captured(), captured()
    lone_toy.bugs.add(bad.contact_id)
    lone_toy.service.tracer = Tracer("toy", endpoint=collector.url, headers="", share=1.0, instance="toy-0")
    other = "e" * 32
    with structlog.testing.capture_logs() as lines:
        async with lone_toy.running():
            outsider = Outsider(lone_toy.service.settings.kafka_bootstrap_servers, lone_toy.topic)
            await outsider.send_raw(record(good, PARENT), record(bad, f"00-{other}-{SPAN}-01"))

            async def done() -> bool:
                parked = await lone_toy.rows("select from parked")
                return bool(parked) and bool(await lone_toy.rows("select from heard"))

            await until(done)
    (parked,) = [line for line in lines if line["event"] == "record_parked"]
    assert (parked["trace_id"], parked["span_id"]) == (other, SPAN)
    own = [(span.name, span.trace_id) for span in collector.spans if span.trace_id in {TRACE, other}]
    assert sorted(own) == [
        ("lead.woken.v1", TRACE),
        ("process contact.captured.v1", TRACE),
        ("process contact.captured.v1", other),
        ("record.parked.v1", other),
    ]


def test_a_collector_that_is_away_loses_spans_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "EXPORT_SECONDS", 0.2)
    before = REGISTRY.get_sample_value("baton_spans_lost_total") or 0.0
    tracer = Tracer("toy", endpoint=f"http://127.0.0.1:{free_port()}", headers="", share=1.0, instance=None)
    with tracer.request_span("POST", None) as span:
        tracer.note_answer(span, "POST /v1/contacts", "/v1/contacts", 202)
    tracer.close()
    assert REGISTRY.get_sample_value("baton_spans_lost_total") == before + 1


def test_so_large_a_share_of_the_traces_is_recorded(collector: Collector) -> None:
    """Of a thousand that begin here about a tenth; of those that a caller names, what the caller says."""
    tracer = Tracer("toy", endpoint=f"{collector.url}/", headers="x-key=a%20b", share=0.1, instance="toy-0")
    for _ in range(1000):
        tracer.start_publish_span("lead.woken.v1", "leads.woken.v1", "x", None, None).end()
    tracer.start_publish_span("lead.assigned.v1", "leads.assigned.v1", "x", PARENT, None).end()
    tracer.close()
    names = [span.name for span in collector.spans]
    assert 50 < names.count("lead.woken.v1") < 170
    assert names.count("lead.assigned.v1") == 1
    assert collector.headers["x-key"] == "a b"
