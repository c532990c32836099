"""A command on its way to a lead: who may send it, and what makes a repetition count once."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from feedback.domain.commands import LeadCommand


class WorkableLeads(Protocol):
    """The leads that the sender may work."""

    def covers(self, rep_id: str | None, team: str | None) -> bool:
        """Check a lead by who has it now."""


@dataclass(frozen=True, slots=True)
class CommandOrder:
    """A command on its way: for which lead, as which action, and under which idempotency key."""

    lead_id: UUID
    name: str
    command: LeadCommand
    action_id: UUID
    by: str
    key: str | None = None
    scope: str = ""
    digest: str = ""
    reach: WorkableLeads | None = None
    """None: every lead."""
