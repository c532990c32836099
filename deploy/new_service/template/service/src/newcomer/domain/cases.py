"""Cases: where a person's last cycle stands, and whether somebody looked since it came there."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class Case(NamedTuple):
    """A person whose last cycle stands at `state` since `since`."""

    contact_id: UUID
    revision: int
    """Of the life that it was read from; a higher one is newer."""
    lead_id: UUID
    state: str
    since: datetime
    handled_at: datetime | None = None
    handled_by: str | None = None


def is_open(case: Case, states: Collection[str]) -> bool:
    """Return whether somebody should look: its state is one of `states`, and nobody looked since it came there."""
    return case.state in states and (case.handled_at is None or case.handled_at < case.since)
