"""Gauges of what the tables amount to: no gaps, and zeros before the first event."""

from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import REGISTRY, Gauge

from events.leads import LeadAssigned
from events.runtime import counting, lead_metrics
from events.runtime.counting import GaugeValues
from feedback.app import service as feedback
from routing.app import service as routing
from scoring.app import service as scoring
from tests.events.runtime.test_lead_metrics import COMMON, NOW

WAITING = Gauge("tests_waiting", "A gauge of the tests.", ["team"])


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_what_is_not_counted_any_more_is_zero() -> None:
    counting.set_gauges([GaugeValues(WAITING, {("a",): 2, ("b",): 1})])
    counting.set_gauges([GaugeValues(WAITING, {("b",): 3})])
    assert (value("tests_waiting", team="a"), value("tests_waiting", team="b")) == (0, 3)


def test_counters_are_there_before_anything_happens() -> None:
    for service in (scoring, routing, feedback):
        counting.show_counters_at_zero(service)
    assert value("baton_records_total", topic="contacts.captured.v1", outcome="parked") is not None
    assert value("baton_emitted_total", type="lead.qualified.v1") is not None
    assert value("baton_published_total", topic="leads.assigned.v1") is not None
    assert value("baton_timers_fired_total", kind="stall") is not None
    assert value("baton_lead_elapsed_seconds_count", step="qualified") is not None
    lead_metrics.show_promises_at_zero([("first_touch", "a policy before its first event", "inbound")])
    names = {"clock": "first_touch", "policy": "a policy before its first event", "team": "inbound"}
    assert [value("baton_promises_total", **names, outcome=outcome) for outcome in lead_metrics.OUTCOMES] == [0] * 5


def test_how_far_a_lead_is_since_its_capture() -> None:
    """Seconds of business time; a lead that moves to another rep is no new lead."""
    placed: dict[str, Any] = {
        **COMMON, "occurred_at": NOW + timedelta(seconds=3), "placement": 1, "lead_type": "content", "fit": "A",
        "source": "web", "captured_at": NOW, "handed_over_at": NOW, "team": "elapsed", "queue": "line",
        "reason": "fits", "rep_id": "ann", "role": "bdr",
    }  # fmt: skip
    before = [value("baton_lead_elapsed_seconds_sum", step=step) or 0.0 for step in ("assigned", "applied")]
    event = LeadAssigned(**placed)
    moved = LeadAssigned(**placed | {"previous_rep_id": "bob"})
    lead_metrics.count_committed_events([event, moved])
    for each in (event, moved):
        lead_metrics.observe_time_to_assignment(each, datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC))
    after = [value("baton_lead_elapsed_seconds_sum", step=step) or 0.0 for step in ("assigned", "applied")]
    assert [late - early for early, late in zip(before, after, strict=True)] == [3, 5]
