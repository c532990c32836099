"""One trace from a form's post to the assignment and the touch, through outbox and Kafka, in a collector."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from baton import stack as stacks
from baton.stack import StartOptions
from tests.collector import Collector, Span, collecting
from tests.e2e.conftest import A_MONDAY, free_base
from tests.e2e.world import Record, World

pytestmark = pytest.mark.e2e

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
OPENMETRICS = "application/openmetrics-text"
SITE = {"traceparent": f"00-{TRACE}-{CALLER}-01"}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
async def world(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A stack of its own that sends its spans to the collector."""
    data = tmp_path_factory.mktemp("traces") / "d"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        environment.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=sales")
        stack = stacks.start_detached(StartOptions(str(data), free_base(), "stepped", A_MONDAY))
    try:
        async with World(stack) as world:
            yield world
    finally:
        stacks.stop_stack(Path(data))


def trace_of(record: Record) -> str:
    return record.headers["traceparent"].split("-")[1]


def way_to(span_id: str, spans: list[Span]) -> list[Span]:
    """Return the spans from the caller's to this one; none until all of them are there: each service sends its own."""
    by_id = {span.span_id: span for span in spans}
    way: list[Span] = []
    while span_id in by_id:
        way.insert(0, by_id[span_id])
        span_id = way[0].parent_id
    return way if span_id == CALLER else []


async def test_a_lead_is_one_trace_from_the_post_over_the_assignment_to_the_touch(
    world: World, collector: Collector
) -> None:
    """The site names its span, the rep's client none: what it does goes on in the lead's trace."""
    world.http.headers.update(SITE)
    contact = await world.somebody_submits("demo_request")
    del world.http.headers["traceparent"]
    captured = await world.reads("contact.captured.v1", contact)
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(assigned, "touches", kind="call", outcome="welcomed", automated=False, seconds=300)
    touched = await world.reads("lead.touched.v1", contact)
    assert [trace_of(record) for record in (captured, assigned, touched)] == [TRACE] * 3

    last = touched.headers["traceparent"].split("-")[2]
    spans = collector.until(
        lambda spans: bool(way_to(last, spans)) and any(span.name.endswith("/touches") for span in spans)
    )
    published = way_to(last, spans)[-1]
    way = [(span.service, span.name) for span in way_to(last, spans)]
    assert way[:3] == [
        ("capture", "POST /contacts"),
        ("capture", "contact.captured.v1"),
        ("scoring", "process contact.captured.v1"),
    ]
    assert ("routing", "lead.assigned.v1") in way
    assert way[-1] == ("feedback", "lead.touched.v1")
    (asked,) = [span for span in spans if span.name.startswith("POST") and span.name.endswith("/touches")]
    assert asked.trace_id != TRACE
    assert published.links == (asked.span_id,)
    assert {span.trace_id for span in way_to(last, spans)} == {TRACE}
    assert asked.attributes["http.response.status_code"] == 200
    assert collector.headers["x-tenant"] == "sales"
    await world.until(lambda: measured(world, "capture", "baton_http_request_seconds", TRACE))
    await world.until(lambda: measured(world, "scoring", "baton_arrival_seconds", TRACE))
    await world.until(lambda: measured(world, "desk", "baton_lead_elapsed_seconds", TRACE))


async def measured(world: World, service: str, metric: str, trace: str) -> bool:
    """Whether a measurement of this service leads to the trace; read as strictly as the format is written down."""
    answer = await world.http.get(f"{world.stack.urls[service]}/metrics", headers={"Accept": OPENMETRICS})
    assert answer.headers["content-type"].startswith(OPENMETRICS)
    families = text_string_to_metric_families(answer.text)  # type: ignore[no-untyped-call]
    return trace in {
        sample.exemplar.labels["trace_id"]
        for family in families
        for sample in family.samples
        if sample.name == f"{metric}_bucket" and sample.exemplar is not None
    }


async def test_who_does_not_ask_for_openmetrics_is_answered_without_traces(world: World) -> None:
    answer = await world.http.get(f"{world.stack.urls['capture']}/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "trace_id" not in answer.text


async def test_a_rep_who_names_a_span_is_followed(world: World) -> None:
    contact = await world.somebody_submits("demo_request")
    assigned = await world.reads("lead.assigned.v1", contact)
    own = "a" * 32
    world.http.headers["traceparent"] = f"00-{own}-{'b' * 16}-01"
    await world.the_rep_says(assigned, "accept")
    del world.http.headers["traceparent"]
    assert trace_of(await world.reads("lead.accepted.v1", contact)) == own


async def test_what_falls_due_goes_on_in_the_trace_of_its_lead(world: World) -> None:
    """L1: a clock that is breached is part of the story."""
    await world.a_working_morning()
    contact = await world.somebody_submits("contact_sales")
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.time_passes("1h")
    assert trace_of(await world.reads("clock.breached.v1", contact)) == trace_of(assigned)


async def test_who_does_not_want_to_be_recorded_is_not(world: World, collector: Collector) -> None:
    """The caller's sampling flag goes along with the trace."""
    quiet = "c" * 32
    world.http.headers["traceparent"] = f"00-{quiet}-{'d' * 16}-00"
    contact = await world.somebody_submits("demo_request")
    del world.http.headers["traceparent"]
    assigned = await world.reads("lead.assigned.v1", contact)
    assert trace_of(assigned) == quiet
    assert assigned.headers["traceparent"].endswith("-00")
    later = await world.reads("lead.assigned.v1", await world.somebody_submits("demo_request"))
    collector.until(lambda spans: trace_of(later) in {span.trace_id for span in spans})
    assert quiet not in {span.trace_id for span in collector.spans}
