"""What routing answers. Written by `make docs`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from baton_client.model import Model
from pydantic import Field


class AbsenceAnswer(Model):
    """When a rep gets no new leads: days, first and last included, in the rep's zone; or between two instants."""

    from_: datetime | date = Field(..., alias="from")
    to: datetime | date
    imported: bool | None = None


class CalendarLinkAnswer(Model):
    """The secret address of a rep's calendar, which is shown once; null: it was taken back."""

    rep_id: str
    url: str | None


class CalendarSourceAnswer(Model):
    """The address at which a rep's own calendar is read: its host alone, for the rest is a secret."""

    host: str
    named_at: datetime
    read_at: datetime | None
    next_at: datetime
    failing_since: datetime | None
    problem: str | None
    says: str | None


class CandidateAnswer(Model):
    """A rep of the rotation at the moment of a decision."""

    rep_id: str
    weight: float
    behind: float | None
    open: int
    why_not: str | None


class CapacityAnswer(Model):
    """How much a rep takes; null is no limit."""

    open: int | None
    per_day: int | None
    per_week: int | None


class ClaimAnswer(Model):
    """A rep who was to have the lead before the rotation was asked, and why."""

    rep_id: str
    reason: str
    why: str


class EscalationAnswer(Model):
    """An escalation about a lead that sales still has, and the manager it is for."""

    lead_id: UUID
    contact_id: UUID
    state: str
    lead_type: str | None
    fit: str | None
    team: str | None
    queue: str | None
    rep_id: str | None
    number: int
    reason: str
    raised_at: datetime
    manager: str | None


class EscalationsAnswer(Model):
    """Escalations, the oldest first."""

    items: list[EscalationAnswer]
    next: str | None


class FreeSlotAnswer(Model):
    """A time at which a contact can meet one of these reps."""

    starts_at: datetime
    ends_at: datetime
    rep_ids: list[str]


class MovedLeadAnswer(Model):
    """What became of one of many leads: where it is, or the code of why it was not moved."""

    lead_id: UUID
    changed: bool
    problem: str | None = None
    rep_id: str | None = None
    previous_rep_id: str | None = None
    team: str | None = None
    queue: str | None = None
    placement: int | None = None
    meeting_at: datetime | None = None


class MovedLeadsAnswer(Model):
    """What became of each lead that was to be moved."""

    items: list[MovedLeadAnswer]


class OpenLeadAnswer(Model):
    """A lead that waits in a queue or that a rep has."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    state: Literal["queued", "assigned"]
    lead_type: str | None
    fit: str | None
    team: str | None
    queue: str | None
    rep_id: str | None
    placement: int
    handed_over_at: datetime | None
    placed_at: datetime | None
    worked: bool


class OpenLeadsAnswer(Model):
    """Leads, in their order."""

    items: list[OpenLeadAnswer]
    next: str | None


class PlacedLeadAnswer(Model):
    """Where a lead is after a command, and whether the command changed that."""

    lead_id: UUID
    rep_id: str | None
    previous_rep_id: str | None
    team: str | None
    queue: str | None
    placement: int
    meeting_at: datetime | None
    changed: bool


class QueueLoadAnswer(Model):
    """A queue: whose it is, its priority, how many leads wait in it and since when."""

    queue: str
    team: str
    priority: int
    waiting: int
    oldest_at: datetime | None
    oldest_seconds: int | None
    able: int
    full: int
    away: int


class QueueLoadsAnswer(Model):
    """Queues, in their order of service."""

    items: list[QueueLoadAnswer]
    next: str | None


class SlotsAnswer(Model):
    """Free slots, the earliest first."""

    items: list[FreeSlotAnswer]
    next: None


class TeamAnswer(Model):
    """A team: its queues, who can take leads now, how many leads it has and how many wait."""

    team: str
    role: Literal["bdr", "ae", "am", "cs"]
    zone: str
    queues: list[str]
    reps: int
    able: int
    full: bool
    open: int
    waiting: int


class TeamsAnswer(Model):
    """Teams, by name."""

    items: list[TeamAnswer]
    next: str | None


class TriedCandidate(Model):
    """One rule, queue or rep that was considered, and why it won or lost."""

    rule: str
    outcome: str
    why: str


class WorkingHoursAnswer(Model):
    """A block of working hours on some days of the week, `HH:MM` to `HH:MM`."""

    days: list[str]
    from_: str = Field(..., alias="from")
    to: str


class DecisionAnswer(Model):
    """A decision about a lead: what was tried, and who was chosen."""

    number: int
    kind: str
    decided_at: datetime
    reason: str
    placement: int
    team: str | None
    queue: str | None
    rep_id: str | None
    previous_rep_id: str | None
    by: str | None
    note: str | None
    tried: list[TriedCandidate]
    playbook_version: str
    candidates: list[CandidateAnswer] | None = None
    claims: list[ClaimAnswer] | None = None
    replays_to: str | None = None


class DecisionsAnswer(Model):
    """Decisions about a lead, the oldest first."""

    items: list[DecisionAnswer]
    next: str | None


class RepAnswer(Model):
    """A rep: what is agreed, the load, and why they cannot take a lead now where they cannot."""

    rep_id: str
    team: str
    role: Literal["bdr", "ae", "am", "cs"]
    weight: float
    capacity: CapacityAnswer
    hours: list[WorkingHoursAnswer]
    works: dict[str, Any]
    zone: str
    absences: list[AbsenceAnswer]
    status: Literal["active", "paused", "left"]
    open: int
    today: int
    this_week: int
    able: bool
    why_not: str | None
    able_at: datetime | None
    calendar: CalendarSourceAnswer | None


class RepsAnswer(Model):
    """Reps, by id."""

    items: list[RepAnswer]
    next: str | None


class TrialAnswer(Model):
    """Which rule matches, where the lead would be now, and what was tried on the way."""

    outcome: str
    rule: str
    queue: str
    team: str
    rep_id: str | None
    reason: str
    waits_until: datetime | None
    tried: list[TriedCandidate]


class CalendarImportAnswer(Model):
    """How many absences of a calendar file were taken, and the rep with them."""

    taken: int
    rep: RepAnswer
