"""What became of leads, counted from the events that were committed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from prometheus_client import REGISTRY

from events.leads import LeadAssigned, LeadRecycled, LeadWoken
from events.runtime import lead_metrics
from events.sla import ClockBreached, ClockMet

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COMMON: dict[str, Any] = {
    "occurred_at": NOW,
    "contact_id": uuid4(),
    "lead_id": uuid4(),
    "playbook_version": "1",
    "cycle": 1,
}


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_promises_are_counted_by_outcome_and_the_other_outcomes_show_as_nought() -> None:
    names = {"clock": "first_touch", "policy": "a promise of the tests", "team": "inbound"}
    clock: dict[str, Any] = {**COMMON, **names, "clock_id": uuid4(), "started_at": NOW}
    lead_metrics.count_committed_events([ClockMet(**clock, met_at=NOW)])
    assert REGISTRY.get_sample_value("baton_promises_total", {**names, "outcome": "breached"}) == 0
    lead_metrics.count_committed_events([ClockBreached(**clock), ClockMet(**clock, met_at=NOW, overdue_seconds=60.0)])
    assert [value("baton_promises_total", **names, outcome=outcome) for outcome in lead_metrics.OUTCOMES] == [
        0,
        1,
        1,
        1,
        0,
    ]


def test_an_assignment_counts_once_with_how_long_the_lead_waited() -> None:
    placed: dict[str, Any] = {
        **COMMON, "placement": 1, "lead_type": "content", "fit": "A", "source": "web", "captured_at": NOW,
        "handed_over_at": NOW - timedelta(minutes=3), "team": "tests", "queue": "line", "reason": "fits",
        "rep_id": "ann", "role": "bdr",
    }  # fmt: skip
    lead_metrics.count_committed_events([LeadAssigned(**placed), LeadAssigned(**placed | {"previous_rep_id": "bob"})])
    assert value("baton_leads_assigned_total", team="tests", queue="line") == 2
    assert value("baton_lead_handover_seconds_sum", team="tests") == 180
    assert value("baton_lead_handover_seconds_count", team="tests") == 1


def test_ends_and_awakenings_count_by_reason() -> None:
    lead_metrics.count_committed_events([LeadRecycled(**COMMON, reason="not_now", by="ann", track="nurture_tests")])
    lead_metrics.count_committed_events([LeadWoken(**COMMON, reason="wake_tests")])
    assert value("baton_leads_ended_total", outcome="recycled", reason="not_now", track="nurture_tests") == 1
    assert value("baton_leads_woken_total", reason="wake_tests") == 1


def test_a_label_has_fifty_values_at_most() -> None:
    found = [lead_metrics.bound_label_value("a label of the tests", number) for number in range(60)]
    assert found[:50] == [str(number) for number in range(50)]
    assert set(found[50:]) == {lead_metrics.OTHER}
    assert lead_metrics.bound_label_value("a label of the tests", 7) == "7"
    assert lead_metrics.bound_label_value("another label of the tests", None) == lead_metrics.NONE
