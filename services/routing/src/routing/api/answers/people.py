"""Teams, their queues, and the reps with their load."""

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import ConfigDict, Field

from events.leads import Role
from events.runtime.answers import Answer, example
from routing.playbook import Status


class TeamAnswer(Answer):
    """A team: its queues, who can take leads now, how many leads it has and how many wait."""

    team: str
    role: Role
    zone: str
    """IANA name, such as `Europe/Madrid`."""
    queues: list[str]
    reps: int
    able: int
    """Reps who can take a lead now."""
    full: bool
    """Nobody can take a lead now."""
    open: int
    """Leads that its reps have."""
    waiting: int
    """Leads in its queues."""


class TeamsAnswer(Answer):
    """Teams, by name."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "items": [
                {
                    "team": "enterprise", "role": "ae", "zone": "Europe/London", "queues": ["enterprise"], "reps": 2,
                    "able": 0, "full": True, "open": 40, "waiting": 3,
                }
            ]
        },
        items=[
            {
                "team": "inbound", "role": "bdr", "zone": "Europe/Madrid", "queues": ["inbound"], "reps": 4, "able": 3,
                "full": False, "open": 12, "waiting": 0,
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[TeamAnswer]
    next: str | None


class QueueLoadAnswer(Answer):
    """A queue: whose it is, its priority, how many leads wait in it and since when."""

    queue: str
    team: str
    priority: int
    """1 is served first."""
    waiting: int
    oldest_at: datetime | None
    """When the lead that has waited longest was handed over; none waits: null."""
    oldest_seconds: int | None
    """How long that is ago."""
    able: int
    """Reps of its team who can take a lead now."""
    full: int
    """Reps at work without room for a lead."""
    away: int
    """Reps off shift, absent, paused or gone."""


class QueueLoadsAnswer(Answer):
    """Queues, in their order of service."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "items": [
                {
                    "queue": "inbound", "team": "inbound", "priority": 1, "waiting": 0, "oldest_at": None,
                    "oldest_seconds": None, "able": 3, "full": 0, "away": 0,
                }
            ]
        },
        items=[
            {
                "queue": "inbound", "team": "inbound", "priority": 1, "waiting": 2,
                "oldest_at": "2026-03-02T09:00:00+00:00", "oldest_seconds": 5400, "able": 0, "full": 2, "away": 1,
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[QueueLoadAnswer]
    next: str | None


class CapacityAnswer(Answer):
    """How much a rep takes; null is no limit."""

    open: int | None
    per_day: int | None
    per_week: int | None


class AbsenceAnswer(Answer):
    """When a rep gets no new leads: days, first and last included, in the rep's zone; or between two instants."""

    first: datetime | date = Field(alias="from")
    last: datetime | date = Field(alias="to")
    imported: bool = False
    """Whether it came with a calendar file."""


_REP = {
    "rep_id": "inbound-1", "team": "inbound", "role": "bdr", "weight": 1.0,
    "capacity": {"open": 50, "per_day": None, "per_week": None},
    "hours": [{"days": ["mon", "tue"], "from": "09:00", "to": "18:00"}], "works": {}, "zone": "Europe/Madrid",
    "absences": [{"from": "2026-04-02", "to": "2026-04-06"}], "status": "active", "open": 7, "today": 2,
    "this_week": 5, "able": False, "why_not": "off_shift", "able_at": "2026-03-03T08:00:00+00:00",
    "calendar": {
        "host": "calendar.google.com", "named_at": "2026-02-01T09:00:00+00:00",
        "read_at": "2026-03-02T17:45:00+00:00", "next_at": "2026-03-02T18:00:00+00:00", "failing_since": None,
        "problem": None, "says": None,
    },
}  # fmt: skip

_ABLE = {"hours": [], "absences": [], "able": True, "why_not": None, "able_at": None, "calendar": None}


class WorkingHoursAnswer(Answer):
    """A block of working hours on some days of the week, `HH:MM` to `HH:MM`."""

    days: list[str]
    begins: str = Field(alias="from")
    ends: str = Field(alias="to")


class CalendarSourceAnswer(Answer):
    """The address at which a rep's own calendar is read: its host alone, for the rest is a secret."""

    host: str
    named_at: datetime
    read_at: datetime | None
    """When it was read last, or found unchanged; null: not yet."""
    next_at: datetime
    """When it is read again."""
    failing_since: datetime | None
    """Since when it cannot be read; the absences that were read before count on."""
    problem: str | None
    says: str | None
    """What is wrong and what to do, in a sentence or two."""


class RepAnswer(Answer):
    """A rep: what is agreed, the load, and why they cannot take a lead now where they cannot."""

    model_config: ClassVar[ConfigDict] = example(_ABLE, **_REP)

    rep_id: str
    team: str
    role: Role
    weight: float
    capacity: CapacityAnswer
    hours: list[WorkingHoursAnswer]
    """Blocks of working hours that were set for this rep; empty: as the team works."""
    works: dict[str, Any]
    """The other fields of the rep's calendar, as they were set."""
    zone: str
    absences: list[AbsenceAnswer]
    status: Status
    open: int
    today: int
    """New leads since midnight in the rep's zone."""
    this_week: int
    """New leads since Monday."""
    able: bool
    """Can take a lead now."""
    why_not: str | None
    able_at: datetime | None
    """When the rep can take leads again, where time alone decides that."""
    calendar: CalendarSourceAnswer | None
    """Where the rep's own calendar is read; null: nowhere."""


class CalendarLinkAnswer(Answer):
    """The secret address of a rep's calendar, which is shown once; null: it was taken back."""

    model_config: ClassVar[ConfigDict] = example(
        {"url": None}, rep_id="inbound-1", url="https://routing.example.com/calendars/3f1c0a7e.ics"
    )

    rep_id: str
    url: str | None


class RepsAnswer(Answer):
    """Reps, by id."""

    model_config: ClassVar[ConfigDict] = example({"items": [_REP | _ABLE]}, items=[_REP], next=None)

    items: list[RepAnswer]
    next: str | None


class CalendarImportAnswer(Answer):
    """How many absences of a calendar file were taken, and the rep with them."""

    model_config: ClassVar[ConfigDict] = example({"taken": 0, "rep": _REP | {"absences": []}}, taken=1, rep=_REP)

    taken: int
    rep: RepAnswer
