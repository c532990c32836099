"""The rules of time: what is known of a lead, what that says about its clocks, and what is new to say."""

from sla_monitor.domain.agreements import Agreements
from sla_monitor.domain.clocks import Truth, derive, ended_at
from sla_monitor.domain.facts import Act, Facts, Place, Raised, learn, pack, unpack
from sla_monitor.domain.flags import Settled, default_reason, settle
from sla_monitor.domain.history import Entry, history
from sla_monitor.domain.oddities import oddities
from sla_monitor.domain.promises import handed_over, human_touches, placed
from sla_monitor.domain.sides import both_sides
from sla_monitor.domain.states import Clock, Name
from sla_monitor.domain.telling import messages

__all__ = [
    "Act",
    "Agreements",
    "Clock",
    "Entry",
    "Facts",
    "Name",
    "Place",
    "Raised",
    "Settled",
    "Truth",
    "both_sides",
    "default_reason",
    "derive",
    "ended_at",
    "handed_over",
    "history",
    "human_touches",
    "learn",
    "messages",
    "oddities",
    "pack",
    "placed",
    "settle",
    "unpack",
]
