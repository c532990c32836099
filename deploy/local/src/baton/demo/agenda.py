"""What is still to happen, in the order of business time.

The agenda holds no state of its own: it is made from the data and from what was read on the
topics, so a run that was cut short rebuilds it by reading them again from their start.
"""

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True, order=True)
class AgendaItem:
    """Something that somebody says at `at`; `key` makes saying it twice the same as once.

    `person` is the key of the contact it is about; `lead_id` is None where the item is about
    whichever of the person's leads is the latest.
    """

    at: datetime
    key: str
    kind: Literal["submission", "command"] = field(compare=False)
    person: str = field(compare=False)
    body: dict[str, Any] = field(compare=False)
    lead_id: str | None = field(default=None, compare=False)


class Agenda:
    """A heap of items, each of which is taken once."""

    def __init__(self) -> None:
        self._heap: list[AgendaItem] = []
        self._known: set[str] = set()

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, item: AgendaItem) -> None:
        """Put an item on the agenda; one that was ever on it is not added again."""
        if item.key not in self._known:
            self._known.add(item.key)
            heapq.heappush(self._heap, item)

    def next_due_at(self) -> datetime | None:
        """Return when the next item is due, or None if there is none."""
        return self._heap[0].at if self._heap else None

    def take_due(self, until: datetime) -> list[AgendaItem]:
        """Remove and return the items up to and including `until`, earliest first."""
        taken = []
        while self._heap and self._heap[0].at <= until:
            taken.append(heapq.heappop(self._heap))
        return taken
