"""Counts the clocks: promises kept, missed, made good, taken back, escalated."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baton.demo.listener import PublishedFact

ENDS = {"lead.recycled.v1", "lead.disqualified.v1", "lead.won.v1"}


@dataclass
class PromiseTally:
    """What sla-monitor flagged so far, by clock; every fact is applied once."""

    met: Counter[str] = field(default_factory=Counter)
    """Kept in time; clocks without a target are not promises and not counted."""
    met_late: Counter[str] = field(default_factory=Counter)
    breached: Counter[str] = field(default_factory=Counter)
    rescinded: Counter[str] = field(default_factory=Counter)
    """Breaches taken back: what would have kept them was told late."""
    escalated: Counter[str] = field(default_factory=Counter)
    warned: int = 0
    reviews: int = 0
    open: dict[str, str] = field(default_factory=dict)
    """The lead of each clock that was missed and is not made good yet."""
    _ended: set[str] = field(default_factory=set)
    _of_lead: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def count_fact(self, fact: PublishedFact) -> None:
        """Count a fact."""
        value = fact.value
        match fact.kind:
            case "clock.breached.v1":
                self.breached[value["clock"]] += 1
                if value["lead_id"] not in self._ended:
                    self.open[value["clock_id"]] = value["lead_id"]
                    self._of_lead[value["lead_id"]].add(value["clock_id"])
            case "clock.met.v1":
                self._count_met_clock(value)
            case "clock.rescinded.v1":
                self.rescinded[value["clock"]] += 1
                self.open.pop(value["clock_id"], None)
            case "clock.escalated.v1":
                self.escalated[value["action"]] += 1
            case "clock.warned.v1":
                self.warned += 1
            case "review.opened.v1":
                self.reviews += 1
            case kind if kind in ENDS:
                self._ended.add(value["lead_id"])
                for clock_id in self._of_lead.pop(value["lead_id"], ()):
                    self.open.pop(clock_id, None)

    def compute_share_kept(self, clock: str) -> float:
        """Return the share of the clock's due promises that were kept (0 to 1)."""
        due = self.met[clock] + self.breached[clock]
        return (self.met[clock] + self.rescinded[clock]) / due if due else 1.0

    def _count_met_clock(self, value: Mapping[str, Any]) -> None:
        if value.get("overdue_seconds", 0) > 0:
            self.met_late[value["clock"]] += 1
        elif value.get("due_at") is not None:
            self.met[value["clock"]] += 1
        self.open.pop(value["clock_id"], None)
