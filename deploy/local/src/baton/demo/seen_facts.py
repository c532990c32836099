"""Watches for what must never be on the topics: a fact that happened twice, an order with a gap.

A topic may hold a record twice (the relay sends again after a crash); then both copies have the
same `ce_id` and the same `ce_sequence`, and nothing happened twice. The same `ce_id` under another
sequence means that a service carried something out twice.
"""

from collections import Counter
from dataclasses import dataclass, field

from baton.demo.listener import PublishedFact

ONCE_A_LEAD = {"lead.qualified.v1"}
ONCE_A_CONTACT = {"lead.won.v1"}
PLACED = {"lead.assigned.v1", "lead.queued.v1", "lead.released.v1"}


@dataclass
class SeenFacts:
    """Remembers every fact by its `ce_id`."""

    by_kind: Counter[str] = field(default_factory=Counter)
    """How many facts of each event type."""
    doubled: list[str] = field(default_factory=list)
    """What happened twice, a sentence each."""
    out_of_order: int = 0
    """Facts that came after a later one about the same contact on the same topic."""
    _seen: dict[str, int] = field(default_factory=dict)
    _last: dict[tuple[str, str], int] = field(default_factory=dict)
    _once: set[tuple[str, ...]] = field(default_factory=set)

    def add_if_new(self, fact: PublishedFact) -> bool:
        """Note a fact; return whether it is new."""
        seen = self._seen.get(fact.id)
        if seen == fact.sequence:
            return False
        if seen is not None:
            self.doubled.append(f"{fact.kind} {fact.id} under sequences {seen}, {fact.sequence}")
            return False
        self._seen[fact.id] = fact.sequence
        self._check_sequence(fact)
        self._check_published_once(fact)
        self.by_kind[fact.kind] += 1
        return True

    @property
    def count_facts(self) -> int:
        """How many facts there were."""
        return self.by_kind.total()

    @property
    def count_missing(self) -> int:
        """How many facts were never seen, of those that the sequences promise."""
        return sum(self._last.values()) - self.count_facts

    def _check_sequence(self, fact: PublishedFact) -> None:
        stream = (fact.topic, fact.contact_id)
        last = self._last.get(stream, 0)
        if fact.sequence < last:
            self.out_of_order += 1
        self._last[stream] = max(last, fact.sequence)

    def _check_published_once(self, fact: PublishedFact) -> None:
        """Two facts may differ in `ce_id` and still say what can only happen once."""
        for name in _keys_of_once_only_facts(fact):
            if name in self._once:
                self.doubled.append(" ".join(name))
            self._once.add(name)


def _keys_of_once_only_facts(fact: PublishedFact) -> list[tuple[str, ...]]:
    value = fact.value
    if fact.kind in ONCE_A_LEAD:
        return [(fact.kind, value["lead_id"])]
    if fact.kind in ONCE_A_CONTACT:
        return [(fact.kind, fact.contact_id)]
    if fact.kind in PLACED:
        return [("placement", value["lead_id"], str(value["placement"]))]
    return []
