"""Reps, their seats in a rotation, and whether they can take a lead now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from math import inf
from zoneinfo import ZoneInfo

from events.leads import Role
from routing.playbook import Absence, Capacity, RoutingPlaybook, Status

NO_LIMIT = Capacity()


@dataclass(frozen=True, slots=True)
class Rep:
    """Somebody who follows leads up, as the playbook or the API says. `weight` is relative to the pool's others."""

    rep_id: str
    team: str
    role: Role
    weight: float = 1.0
    capacity: Capacity = NO_LIMIT
    absences: tuple[Absence, ...] = ()
    status: Status = "active"
    stride: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stride", 1 / self.weight)


@dataclass(frozen=True, slots=True)
class Seat:
    """A rep in a pool's rotation, with the load they carry. `today` counts the leads given on `day`."""

    rep: Rep
    position: float = -inf
    """Where the seat stands in its pool's rotation; a seat that was never in it stands before everybody."""
    taking_part: bool = False
    weight: float | None = None
    """The weight in whose strides the position was told; None for the rep's own."""
    open: int = 0
    day: date | None = None
    today: int = 0
    why_not: str | None = field(default=None, compare=False)
    """Why the rep can take no lead now; None for who can."""

    @property
    def told_in(self) -> float:
        """The weight in whose strides the position was told."""
        return self.rep.weight if self.weight is None else self.weight

    @property
    def ends(self) -> float:
        """Where the next stride ends."""
        return self.position + self.rep.stride

    def at(self, day: date) -> "Seat":
        """Look at the seat on a day of the team's zone: yesterday's leads count no more, absences begin and end."""
        today = self.today if self.day == day else 0
        why_not = _absent(self.rep, day) or _full(self.rep.capacity, self.open, today)
        return replace(self, day=day, today=today, why_not=why_not)

    def given(self) -> "Seat":
        """Count one more lead."""
        opened, today = self.open + 1, self.today + 1
        why_not = self.why_not or _full(self.rep.capacity, opened, today)
        return replace(self, open=opened, today=today, why_not=why_not)


def _absent(rep: Rep, day: date) -> str | None:
    if rep.status != "active":
        return rep.status
    away = next((absence for absence in rep.absences if absence.first <= day <= absence.last), None)
    return f"absent until {away.last}" if away else None


def _full(capacity: Capacity, opened: int, today: int) -> str | None:
    if capacity.open is not None and opened >= capacity.open:
        return f"{opened} of {capacity.open} leads open"
    if capacity.per_day is not None and today >= capacity.per_day:
        return f"{today} of {capacity.per_day} leads today"
    return None


def roster(playbook: RoutingPlaybook, put: Mapping[str, Rep]) -> dict[str, Rep]:
    """Give everybody: the playbook's roster, overridden by the reps that were put through the API, by name.

    A rep of a team that the playbook no longer has is left out.
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
        )
        for rep_id, entry in playbook.reps.items()
    }
    everybody = {rep_id: rep for rep_id, rep in {**written, **put}.items() if rep.team in playbook.teams}
    return dict(sorted(everybody.items()))


def next_chance(now: datetime, zone: ZoneInfo) -> datetime:
    """Say when somebody may become able to take leads without anybody saying so: the next day of the team's zone.

    Counts per day start anew then, and absences begin and end on days.
    """
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(now.tzinfo)
