"""What is known of reps outside routing: when each of them works."""

from datetime import date
from typing import ClassVar

from events.envelope import Event
from events.parts import Instant, Part


class WorkingHours(Part, frozen=True, kw_only=True):
    """Local hours a weekday, as `HH:MM-HH:MM`, less the days off: the fields of `events.business_time.Calendar`."""

    zone: str
    """A time zone of the IANA database."""
    mon: list[str] = []
    tue: list[str] = []
    wed: list[str] = []
    thu: list[str] = []
    fri: list[str] = []
    sat: list[str] = []
    sun: list[str] = []
    holidays: list[date] = []
    public_holidays: str | None = None
    """A country or a part of it, such as `DE-BY`."""
    half_days: dict[str, list[str]] = {}
    """Hours on these days of every year, by month and day: `12-24`."""
    special_days: dict[str, list[str]] = {}
    """Hours on these dates, whatever else is said of them."""


class RepAbsence(Part, frozen=True, kw_only=True):
    """When somebody is absent; why is nobody's business."""

    begins_at: Instant
    ends_at: Instant | None = None
    """None: nobody knows."""


class RepChanged(Event, frozen=True, kw_only=True):
    """When a rep works is another than before: from `occurred_at` on it is what this event says, and nothing else."""

    ce_type: ClassVar[str] = "rep.changed.v1"
    identity: ClassVar[tuple[str, ...]] = ("rep_id", "revision")

    rep_id: str
    revision: int
    hours: list[WorkingHours] = []
    """They work while any of these is open. Empty: no hours of their own; whoever waits for them goes by their team."""
    absences: list[RepAbsence] = []

    @property
    def key(self) -> str:
        """Reps are ordered by themselves."""
        return self.rep_id
