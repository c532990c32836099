"""The rules of time: what is known of a lead, what that says about its clocks, and what is new to say."""

from sla_monitor.domain.agreements import Agreements
from sla_monitor.domain.clocks import Truth, derive, ended_at
from sla_monitor.domain.facts import Act, Facts, Place, Raised, learn, pack, unpack
from sla_monitor.domain.flags import Settled, settle
from sla_monitor.domain.promises import handed_over
from sla_monitor.domain.states import Clock, Name

__all__ = [
    "Act",
    "Agreements",
    "Clock",
    "Facts",
    "Name",
    "Place",
    "Raised",
    "Settled",
    "Truth",
    "derive",
    "ended_at",
    "handed_over",
    "learn",
    "pack",
    "settle",
    "unpack",
]
