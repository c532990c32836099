"""What happened to promises: warned, missed, kept, taken back, escalated; and reviews that opened."""

from typing import ClassVar, Literal
from uuid import UUID

from events.envelope import LeadDecision, LeadEvent
from events.parts import Instant, Part

ClockName = str
"""`speed_to_lead`, `acceptance`, `first_touch`, `second_touch`, `review`, or one that a playbook names."""


class ClockEvent(LeadDecision, frozen=True, kw_only=True):
    """A fact about one running of one clock of a lead."""

    clock_id: UUID
    clock: ClockName
    policy: str
    started_at: Instant
    due_at: Instant | None = None
    """None for a clock that is reported without a target."""
    rep_id: str | None = None
    team: str | None = None
    lead_type: str | None = None


class ClockWarned(ClockEvent, frozen=True, kw_only=True):
    """The promise will be missed soon."""

    ce_type: ClassVar[str] = "clock.warned.v1"
    identity: ClassVar[tuple[str, ...]] = ("clock_id", "level")

    level: int = 1


class ClockBreached(ClockEvent, frozen=True, kw_only=True):
    """The promise was missed: said once, when it happened."""

    ce_type: ClassVar[str] = "clock.breached.v1"
    identity: ClassVar[tuple[str, ...]] = ("clock_id",)

    overdue_seconds: float = 0.0


class ClockMet(ClockEvent, frozen=True, kw_only=True):
    """The promise was kept, or kept late (`overdue_seconds` above 0)."""

    ce_type: ClassVar[str] = "clock.met.v1"
    identity: ClassVar[tuple[str, ...]] = ("clock_id",)

    met_at: Instant
    overdue_seconds: float = 0.0


class ClockRescinded(ClockEvent, frozen=True, kw_only=True):
    """The breach is taken back: what satisfies the clock had happened in time and was told late."""

    ce_type: ClassVar[str] = "clock.rescinded.v1"
    identity: ClassVar[tuple[str, ...]] = ("clock_id",)

    met_at: Instant
    kept: bool = True
    """Whether the promise was kept; False: nothing was due, as the lead had ended or had never been placed there."""
    was_late: bool = False
    """Whether it had been met late before, by what was known then."""


class ClockEscalated(ClockEvent, frozen=True, kw_only=True):
    """The next step of the policy is due; routing and feedback carry it out."""

    ce_type: ClassVar[str] = "clock.escalated.v1"
    identity: ClassVar[tuple[str, ...]] = ("clock_id", "step")

    step: int
    action: Literal["rep", "manager", "reassign", "recycle"]
    reason: str | None = None
    overdue_seconds: float = 0.0


class ReviewOpened(ClockEvent, frozen=True, kw_only=True):
    """Day 60: marketing asks what became of the lead; day 90 decides."""

    ce_type: ClassVar[str] = "review.opened.v1"
    identity: ClassVar[tuple[str, ...]] = ("clock_id",)

    touches: int = 0


class OpenClock(Part, frozen=True, kw_only=True):
    """A promise that somebody has to keep now, or has missed and not made up for."""

    clock_id: UUID
    clock: ClockName
    policy: str
    state: Literal["running", "paused", "warned", "breached"]
    started_at: Instant
    due_at: Instant | None = None
    rep_id: str | None = None
    team: str | None = None


class LeadPromised(LeadEvent, frozen=True, kw_only=True):
    """The open promises about a lead, all of them: published whenever one starts, moves or ends."""

    ce_type: ClassVar[str] = "lead.promised.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "revision")

    revision: int
    """Rises by one with each publication about the lead; the highest is in force."""
    clocks: list[OpenClock] = []
