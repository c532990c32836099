"""A clock as it is stored: what the facts say of it, and which levels were flagged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sla_monitor.domain.clocks import Truth
from sla_monitor.domain.facts import Facts

State = Literal["running", "paused", "warned", "breached", "met", "met_late", "rescinded", "cancelled"]


@dataclass(frozen=True, slots=True)
class Clock:
    """One running of one clock, as stored: what the facts say, and when which level was flagged."""

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
    """When `ClockMet` was said."""
    rescinded_at: datetime | None = None
    escalations: int = 0
    """How many steps after the breach were taken."""
    reassigned: bool = False
    """Whether one of them took the lead from its rep."""


def restated(truth: Truth, before: Clock | None, facts: Facts, in_force: str) -> Clock:
    """Give the stored clock with what the facts now say, its flags untouched."""
    return Clock(
        truth.clock_id,
        facts.lead_id,
        facts.contact_id,
        facts.cycle,
        truth.clock,
        truth.run,
        truth.policy,
        before.playbook_version if before else in_force,
        truth.lead_type,
        truth.owner.rep_id if truth.owner else None,
        truth.owner.team if truth.owner else None,
        truth.started_at,
        truth.warn_at,
        truth.due_at,
        truth.paused_until,
        truth.met_at,
        truth.cut_at,
        before.state if before else "running",
        before.warned_at if before else None,
        before.breached_at if before else None,
        before.kept_at if before else None,
        before.rescinded_at if before else None,
        before.escalations if before else 0,
        before.reassigned if before else False,
    )
