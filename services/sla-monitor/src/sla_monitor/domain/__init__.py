"""The rules of time: the facts of a lead, what they make of its clocks, and what is to be published."""

from sla_monitor.domain.agreements import Agreements
from sla_monitor.domain.clocks import ClockRun, compute_runs, ended_at
from sla_monitor.domain.facts import Act, Facts, Place, Raised, pack, unpack
from sla_monitor.domain.from_events import add_event
from sla_monitor.domain.history import Entry, history
from sla_monitor.domain.promises import handed_over, human_touches, outcome_at, placed
from sla_monitor.domain.rep_calendars import RepCalendar, absences_of, calendar_of
from sla_monitor.domain.settling import Settled, default_reason, settle
from sla_monitor.domain.sides import DeliveredLeads, KeptPromises, LeadKind, both_sides, delivers
from sla_monitor.domain.states import Clock, Name
from sla_monitor.domain.suspicions import suspicions_of
from sla_monitor.domain.to_events import promised
from sla_monitor.domain.webhook_messages import messages

__all__ = [
    "Act",
    "Agreements",
    "Clock",
    "ClockRun",
    "DeliveredLeads",
    "Entry",
    "Facts",
    "KeptPromises",
    "LeadKind",
    "Name",
    "Place",
    "Raised",
    "RepCalendar",
    "Settled",
    "absences_of",
    "add_event",
    "both_sides",
    "calendar_of",
    "compute_runs",
    "default_reason",
    "delivers",
    "ended_at",
    "handed_over",
    "history",
    "human_touches",
    "messages",
    "outcome_at",
    "pack",
    "placed",
    "promised",
    "settle",
    "suspicions_of",
    "unpack",
]
