"""A clock as it is stored: what the facts say of it, and which levels were flagged."""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

State = Literal["running", "paused", "warned", "breached", "met", "met_late", "rescinded", "cancelled"]
ClockRunName = tuple[str, int]
"""Which clock of a lead, and which running of it."""


class StoredClock(NamedTuple):
    """One running of one clock. A tuple, because a batch reads, compares and writes thousands of them."""

    clock_id: UUID
    lead_id: UUID
    contact_id: UUID
    cycle: int
    clock: str
    run: int
    policy: str
    playbook_version: str
    lead_type: str
    rep_id: str | None
    team: str | None
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    paused_until: datetime | None
    met_at: datetime | None
    closed_at: datetime | None
    state: State
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    kept_at: datetime | None = None
    """When `ClockMet` was published."""
    rescinded_at: datetime | None = None
    escalations: int = 0
    """How many steps after the breach were taken."""
    reassigned: bool = False
    """Whether one of them took the lead from its rep."""
    warnings: int = 0
    """How many of its warning points were passed and flagged."""

    @property
    def name(self) -> ClockRunName:
        """Which clock of its lead this is."""
        return self.clock, self.run
