"""The rules of time: the facts of a lead, what they make of its clocks, and what is to be published."""

from sla_monitor.domain.agreements import Agreements
from sla_monitor.domain.clocks import ClockRun, compute_runs, lead_ended_at
from sla_monitor.domain.due_dates import preferred_time_ends_at
from sla_monitor.domain.facts import Act, Facts, Placement, Qualified, parse_facts, serialize_facts
from sla_monitor.domain.from_events import add_event
from sla_monitor.domain.history import HistoryEntry, list_history
from sla_monitor.domain.promises import (
    count_each_human_touch,
    find_first_deal_time,
    first_placement,
    list_placements_in_order,
)
from sla_monitor.domain.rep_calendars import RepCalendarRevision
from sla_monitor.domain.settling import SettledClocks, count_attempts, find_default_return_reason, settle_clocks
from sla_monitor.domain.sides import (
    DeliveredLeadCounts,
    LeadTraits,
    PromiseCounts,
    compare_both_sides,
    is_lead_counted_for_promise,
)
from sla_monitor.domain.states import ClockRunName, StoredClock
from sla_monitor.domain.suspicions import find_suspicious_acts
from sla_monitor.domain.to_events import promised_event
from sla_monitor.domain.webhook_messages import make_messages

__all__ = [
    "Act",
    "Agreements",
    "ClockRun",
    "ClockRunName",
    "DeliveredLeadCounts",
    "Facts",
    "HistoryEntry",
    "LeadTraits",
    "Placement",
    "PromiseCounts",
    "Qualified",
    "RepCalendarRevision",
    "SettledClocks",
    "StoredClock",
    "add_event",
    "compare_both_sides",
    "compute_runs",
    "count_attempts",
    "count_each_human_touch",
    "find_default_return_reason",
    "find_first_deal_time",
    "find_suspicious_acts",
    "first_placement",
    "is_lead_counted_for_promise",
    "lead_ended_at",
    "list_history",
    "list_placements_in_order",
    "make_messages",
    "parse_facts",
    "preferred_time_ends_at",
    "promised_event",
    "serialize_facts",
    "settle_clocks",
]
