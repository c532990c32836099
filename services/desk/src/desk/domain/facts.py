"""What is known of one lead: under each name the latest of its kind, by an order of its own.

The greatest of a set is the same in whichever order the set arrives and however often a part of it does, so the rows
made of it are too. A lead may be half known: a touch can arrive before the assignment that it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

ORDER = "order"

Fact = Mapping[str, Any]
"""What one event says of a lead, as its JSON has it."""
Known = Mapping[str, Fact]
"""The latest fact of each kind."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead and the latest fact of each kind, each with its `order`: a list that compares."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    known: Known = field(default_factory=dict)

    def get(self, name: str) -> Fact:
        """Return the latest fact of a kind; empty where none is known."""
        return self.known.get(name, {})


def with_latest_fact(lead: Lead, name: str, order: list[Any], fact: Fact) -> Lead:
    """Return the lead with a fact, unless a later one of its kind is known."""
    before = lead.known.get(name)
    if before is not None and before[ORDER] >= order:
        return lead
    return replace(lead, known={**lead.known, name: {**fact, ORDER: order}})
