"""Reps, their seats in a rotation, and whether they can take a lead now."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from math import inf
from typing import Literal
from zoneinfo import ZoneInfo

from events.business_time import Calendar, NeverDue, find_next_opening
from events.leads import Role
from routing.playbook import FOREVER, Absence, Capacity, RoutingPlaybook, Status

NO_LIMIT = Capacity()
Standing = Literal["able", "full", "away"]


@dataclass(frozen=True, slots=True)
class Rep:
    """A rep, as the playbook or the API describes them. `weight` is relative to the other reps of the team."""

    rep_id: str
    team: str
    role: Role
    weight: float = 1.0
    capacity: Capacity = NO_LIMIT
    absences: tuple[Absence, ...] = ()
    status: Status = "active"
    works: Calendar | None = field(default=None, compare=False)
    """When they work; None: always."""
    team_zone: str = "UTC"
    stride: float = field(init=False)
    zone: ZoneInfo = field(init=False, compare=False)
    """Where their days begin and end."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stride", 1 / self.weight)
        own = self.works.zone if self.works is not None and not self.works.shifts else self.team_zone
        object.__setattr__(self, "zone", ZoneInfo(own))

    def why_away(self, now: datetime) -> tuple[str, datetime | None] | None:
        """Return why they are not at work and until when (None: for ever); None where they are."""
        absence = next((each for each in self.absences if each.covers(now, self.zone)), None)
        if absence is not None:
            over = absence.ends_at(self.zone)
            return f"absent until {_format_date_or_instant(absence.last)}", None if over == FOREVER else over
        if self.works is None:
            return None
        try:
            opens = find_next_opening(now, self.works)
        except NeverDue:
            return "never works", None
        return (f"not at work until {_format_date_or_instant(opens)}", opens) if opens > now else None


@dataclass(slots=True)
class Seat:
    """A rep in a pool's rotation, with their load: leads assigned on `day` and in its week (from Monday).

    Never changed in place; not frozen, because one is made for each lead.
    """

    rep: Rep
    position: float = -inf
    """Where the seat stands in its pool's rotation; a seat that was never in it stands before all others."""
    taking_part: bool = False
    weight: float | None = None
    """The weight in whose strides `position` is counted; None: the rep's own."""
    rested_at: float | None = None
    """The pool's level when the rep left the rotation; None for who takes part or never did."""
    open: int = 0
    day: date | None = None
    today: int = 0
    this_week: int = 0
    why_not: str | None = field(default=None, compare=False)
    """Why the rep can take no lead now; None for who can."""

    @property
    def position_weight(self) -> float:
        """The weight in whose strides the position is counted."""
        return self.rep.weight if self.weight is None else self.weight

    def at_instant(self, now: datetime) -> "Seat":
        """Return the seat at an instant: counts of past days are reset, absences and working hours are applied."""
        day = now.astimezone(self.rep.zone).date()
        today = self.today if self.day == day else 0
        this_week = self.this_week if self.day and _monday_of_week(self.day) == _monday_of_week(day) else 0
        why_not: str | None = self.rep.status if self.rep.status != "active" else None
        if why_not is None and (away := self.rep.why_away(now)) is not None:
            why_not = away[0]
        why_not = why_not or _why_full(self.rep.capacity, self.open, today, this_week)
        return replace(self, day=day, today=today, this_week=this_week, why_not=why_not)

    def standing_at(self, now: datetime) -> Standing:
        """Return whether the rep is at work and has room, is full, or is away (off shift, absent, paused, gone)."""
        if self.rep.status != "active" or self.rep.why_away(now) is not None:
            return "away"
        return "able" if self.at_instant(now).why_not is None else "full"

    def with_lead(self, stride: float = 0.0) -> "Seat":
        """Return the seat with one more lead, moved on by `stride`."""
        opened, today, this_week = self.open + 1, self.today + 1, self.this_week + 1
        why_not = self.why_not or _why_full(self.rep.capacity, opened, today, this_week)
        return Seat(
            self.rep,
            self.position + stride,
            self.taking_part,
            self.weight,
            self.rested_at,
            opened,
            self.day,
            today,
            this_week,
            why_not,
        )

    def available_at(self, now: datetime) -> datetime | None:
        """Return from when on the rep can take leads if nobody changes anything; None where somebody must."""
        capacity = self.rep.capacity
        if self.rep.status != "active" or 0 in (capacity.per_day, capacity.per_week):
            return None
        if capacity.open is not None and self.open >= capacity.open:
            return None
        at = self._has_capacity_from(now)
        while (away := self.rep.why_away(at)) is not None:
            if away[1] is None:
                return None
            at = away[1]
        return at

    def _has_capacity_from(self, now: datetime) -> datetime:
        """Return the first instant at which the limits of the day and the week are not reached."""
        day, capacity = self.day or now.astimezone(self.rep.zone).date(), self.rep.capacity
        if capacity.per_week is not None and self.this_week >= capacity.per_week:
            return self._midnight(_monday_of_week(day) + timedelta(days=7))
        if capacity.per_day is not None and self.today >= capacity.per_day:
            return self._midnight(day + timedelta(days=1))
        return now

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.rep.zone).astimezone(UTC)


def _monday_of_week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _format_date_or_instant(moment: date) -> str:
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else moment.isoformat()


def _why_full(capacity: Capacity, opened: int, today: int, this_week: int) -> str | None:
    if capacity.open is not None and opened >= capacity.open:
        return f"{opened} of {capacity.open} leads open"
    if capacity.per_day is not None and today >= capacity.per_day:
        return f"{today} of {capacity.per_day} leads today"
    if capacity.per_week is not None and this_week >= capacity.per_week:
        return f"{this_week} of {capacity.per_week} leads this week"
    return None


def next_available_at(seats: Iterable[Seat], now: datetime) -> datetime | None:
    """Return when the first of these seats becomes able to take leads by itself; None where none will."""
    return min((available for seat in seats if (available := seat.available_at(now)) is not None), default=None)


def merge_roster(
    playbook: RoutingPlaybook, put: Mapping[str, Rep], only: Collection[str] | None = None
) -> dict[str, Rep]:
    """Return reps by id: the playbook's roster, overridden by the reps that were put through the API.

    A rep of a team that the playbook no longer has is left out.

    Args:
        playbook: The rules in force.
        put: Those that were put.
        only: Whose entries of the roster count; absent: all.
    """
    written = {
        rep_id: Rep(
            rep_id=rep_id,
            team=entry.team,
            role=entry.role or playbook.teams[entry.team].role,
            weight=entry.weight,
            capacity=entry.capacity,
            absences=entry.absences,
            status=entry.status,
            works=entry.works or playbook.teams[entry.team].works,
            team_zone=playbook.teams[entry.team].zone,
        )
        for rep_id, entry in playbook.reps.items()
        if only is None or rep_id in only
    }
    all_reps = {rep_id: rep for rep_id, rep in {**written, **put}.items() if rep.team in playbook.teams}
    return dict(sorted(all_reps.items()))
