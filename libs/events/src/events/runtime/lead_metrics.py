"""What became of leads, as counters: taken from the events of transactions that committed, whoever emits them.

Labels are names of the playbook and of teams, never of people; what comes after the first fifty values of a label is
counted as `other`. Seconds are of business time, in which promises are made.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from events.envelope import Event
from events.leads import (
    LeadAssigned,
    LeadDisqualified,
    LeadQualified,
    LeadQueued,
    LeadRecycled,
    LeadUpgraded,
    LeadWoken,
)
from events.sla import ClockBreached, ClockEvent, ClockMet, ClockRescinded, ClockWarned

MOST_VALUES = 50
OTHER, NONE = "other", "none"
GRADES = ("A", "B", "C", "D")
OUTCOMES = ("warned", "breached", "met", "met_late", "rescinded")
WAITED = (60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0, 172_800.0, 604_800.0)

QUALIFIED = Counter(
    "baton_leads_qualified_total", "Leads that crossed the line or grew stronger.", ["lead_type", "grade", "source"]
)
ASSIGNED = Counter("baton_leads_assigned_total", "Assignments of leads to reps.", ["team", "queue"])
QUEUED = Counter("baton_leads_queued_total", "Leads that were put in line.", ["team", "queue"])
HANDOVER = Histogram(
    "baton_lead_handover_seconds",
    "Business time from the hand-over of a lead to its first assignment.",
    ["team"],
    buckets=WAITED,
)
PROMISES = Counter(
    "baton_promises_total",
    "What happened to promises: warned, breached, met, met_late, rescinded.",
    ["clock", "policy", "team", "outcome"],
)
ENDED = Counter("baton_leads_ended_total", "Leads that went back or out.", ["outcome", "reason", "track"])
WOKEN = Counter("baton_leads_woken_total", "Leads that woke up again.", ["reason"])

ELAPSED = Histogram(
    "baton_lead_elapsed_seconds",
    "Business time since the engagement that made a lead was captured: until it was qualified, assigned, and applied.",
    ["step"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, *WAITED),
)
LEADS_WAITING = Gauge(
    "baton_leads_waiting", "Leads that wait in line because nobody of the team can take them.", ["team", "queue"]
)
LEADS_WAITING_AGE = Gauge(
    "baton_leads_waiting_oldest_seconds",
    "Business time since the oldest of them was handed over.",
    ["team", "queue"],
)
LEADS_WITH_REPS = Gauge("baton_leads_with_reps", "Leads that reps of the team have now.", ["team"])
CLOCKS = Gauge(
    "baton_clocks",
    "Clocks that are not over: running, paused, warned, and breached without having been met since.",
    ["clock", "policy", "team", "state"],
)
PROMISED = Gauge(
    "baton_promised_leads",
    "Leads by how a promise about them came out that fell due in the last 30 days of business time, as `/v1/compliance`"
    " says it by team and by policy.",
    ["by", "key", "clock", "outcome"],
)
GOAL = Gauge("baton_promise_goal", "The share of its promises that sales promises to keep, by clock.", ["clock"])
MODEL_RATE = Gauge(
    "baton_probability_rate",
    "Share of the leads decided in 90 days that were confirmed or won: as the model predicted it, and as it happened.",
    ["model", "what"],
)
MODEL_LEADS = Gauge("baton_probability_leads", "The leads that this share is of.", ["model"])
LEADS = Gauge("baton_leads", "Leads by the stage in which they are.", ["stage"])

_values: dict[str, set[str]] = {}


def bound_label_value(label: str, value: object) -> str:
    """Return a value for a label: `none` for nothing, `other` for what comes after the first fifty."""
    text = NONE if value in {None, ""} else str(value)
    known = _values.setdefault(label, set())
    if text not in known:
        if len(known) >= MOST_VALUES:
            return OTHER
        known.add(text)
    return text


def _count_qualified(event: Any) -> None:
    kind, source = bound_label_value("lead_type", event.lead_type), bound_label_value("source", event.source)
    for grade in GRADES:  # those that are still nought show too: `increase` is right from the first event on
        QUALIFIED.labels(kind, grade, source)
    QUALIFIED.labels(kind, bound_label_value("grade", event.fit), source).inc()
    if isinstance(event, LeadQualified):
        _observe_elapsed("qualified", event)


def _observe_elapsed(step: str, event: Any) -> None:
    ELAPSED.labels(step).observe(max(0.0, (event.occurred_at - event.captured_at).total_seconds()))


def _count_queued(event: Any) -> None:
    QUEUED.labels(bound_label_value("team", event.team), bound_label_value("queue", event.queue)).inc()


def _count_assigned(event: Any) -> None:
    team = bound_label_value("team", event.team)
    ASSIGNED.labels(team, bound_label_value("queue", event.queue)).inc()
    if event.previous_rep_id is None:
        _observe_elapsed("assigned", event)
        HANDOVER.labels(team).observe(max(0.0, (event.occurred_at - event.handed_over_at).total_seconds()))


def _counter_of_clock_outcome(outcome: Callable[[Any], str]) -> Callable[[Any], None]:
    def count(event: ClockEvent) -> None:
        names = (
            bound_label_value("clock", event.clock),
            bound_label_value("policy", event.policy),
            bound_label_value("team", event.team),
        )
        for each in OUTCOMES:
            PROMISES.labels(*names, each)
        PROMISES.labels(*names, outcome(event)).inc()

    return count


def _counter_of_lead_end(outcome: str) -> Callable[[Any], None]:
    def count(event: Any) -> None:
        ENDED.labels(outcome, bound_label_value("reason", event.reason), bound_label_value("track", event.track)).inc()

    return count


COUNTS: Mapping[type[Event], Callable[[Any], None]] = {
    LeadQualified: _count_qualified,
    LeadUpgraded: _count_qualified,
    LeadQueued: _count_queued,
    LeadAssigned: _count_assigned,
    LeadRecycled: _counter_of_lead_end("recycled"),
    LeadDisqualified: _counter_of_lead_end("disqualified"),
    LeadWoken: lambda event: WOKEN.labels(bound_label_value("woken", event.reason)).inc(),
    ClockWarned: _counter_of_clock_outcome(lambda _: "warned"),
    ClockBreached: _counter_of_clock_outcome(lambda _: "breached"),
    ClockMet: _counter_of_clock_outcome(lambda event: "met_late" if event.overdue_seconds > 0 else "met"),
    ClockRescinded: _counter_of_clock_outcome(lambda _: "rescinded"),
}
"""The events that count, each with how."""


def count_committed_events(events: Iterable[Event]) -> None:
    """Count what was committed."""
    for event in events:
        COUNTS[type(event)](event)


def observe_time_to_assignment(event: Event, now: datetime, trace: dict[str, str] | None = None) -> None:
    """Count what was applied of what others had emitted; `now` is business time, `trace` the event's, if collected."""
    if isinstance(event, LeadAssigned) and event.previous_rep_id is None:
        ELAPSED.labels("applied").observe(max(0.0, (now - event.captured_at).total_seconds()), trace)


def show_lead_counters_at_zero(service: str) -> None:
    """Show the counters of a service that have labels which are known beforehand."""
    steps = {"scoring": ("qualified",), "routing": ("assigned",), "desk": ("applied",)}
    for step in steps.get(service, ()):
        ELAPSED.labels(step)


def show_promises_at_zero(clocks: Iterable[tuple[str, str, str]]) -> None:
    """Show all outcomes of promises (clock, policy, team) that run, before one of them happens."""
    for clock, policy, team in clocks:
        names = (
            bound_label_value("clock", clock),
            bound_label_value("policy", policy),
            bound_label_value("team", team),
        )
        for outcome in OUTCOMES:
            PROMISES.labels(*names, outcome)


def show_placements_at_zero(places: Iterable[tuple[str, str]]) -> None:
    """Show assignments and queueing by team and queue before they happen."""
    for team, queue in places:
        names = (bound_label_value("team", team), bound_label_value("queue", queue))
        ASSIGNED.labels(*names)
        QUEUED.labels(*names)
        HANDOVER.labels(names[0])
