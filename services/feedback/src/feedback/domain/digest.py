"""The week as both teams read it: what happened beside the week before, what the ripe cohorts say, what to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from feedback.domain.funnel import FunnelRow
from feedback.domain.pictures import Point
from feedback.domain.rates import interval, rate

REACHED = ("qualified", "accepted", "sal", "sql", "opportunity", "won", "lost", "returned")
WEEKS = 12
"""Of the pictures."""


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday, UTC."""

    monday: date

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def name(self) -> str:
        """ISO 8601, such as 2026-W10."""
        return f"{self.monday:%G-W%V}"

    def earlier(self, weeks: int) -> "Week":
        """Return the week so many before."""
        return Week(self.monday - timedelta(weeks=weeks))


@dataclass(frozen=True, slots=True)
class PromiseShare:
    """How many promises of a clock were kept and missed for a policy and team; of the missed, `late` came after all."""

    clock: str
    policy: str
    team: str | None
    kept: int
    missed: int
    late: int
    share: float | None
    interval: list[float] | None


def week_of(day: date) -> Week:
    """Return the week that a day is in."""
    return Week(day - timedelta(days=day.weekday()))


class Change(TypedDict):
    """A number of a week beside that of the week before; `change` is a share, None where there was none before."""

    now: float
    before: float
    change: float | None


def changes(rows: Sequence[FunnelRow], week: Week) -> dict[str, Change]:
    """Compare what leads reached in a week with the week before; `rows` are by stage and week."""
    at = {(row.group, row.cohort): row for row in rows}
    found = {}
    for name in REACHED:
        found[name] = _change(_number(at, name, week, "leads"), _number(at, name, week.earlier(1), "leads"))
    won = (_number(at, "won", week, "revenue"), _number(at, "won", week.earlier(1), "revenue"))
    return found | {"revenue": _change(*won)}


def _number(at: Mapping[tuple[str, str | None], FunnelRow], name: str, week: Week, measure: str) -> float:
    row = at.get((name, week.name))
    return round(row.of(measure), 2) if row else 0.0


def _change(now: float, before: float) -> Change:
    return {"now": now, "before": before, "change": round(now / before - 1, 4) if before else None}


def series(rows: Sequence[FunnelRow], week: Week, name: str) -> list[float]:
    """Return what leads reached in each of the last weeks, the oldest first."""
    at = {(row.group, row.cohort): row.leads for row in rows}
    return [at.get((name, week.earlier(back).name), 0.0) for back in reversed(range(WEEKS))]


def cohorts(rows: Sequence[FunnelRow], last: Week) -> list[Point]:
    """Return MQL to SQL of the last ripe weekly cohorts, the oldest first."""
    at = {row.cohort: row for row in rows}
    found = []
    for back in reversed(range(WEEKS)):
        week = last.earlier(back)
        row = at.get(week.name)
        within = interval(row.sql, row.leads) if row else None
        found.append(Point(week.name[5:], rate(row.sql, row.leads) if row else None, *(within or (0.0, 0.0))))
    return found


def compared(now: Mapping[str, float], before: Mapping[str, float], most: int = 8) -> list[tuple[str, float, float]]:
    """Put two weeks' counts side by side, the largest first."""
    names = sorted({*now, *before}, key=lambda name: (-now.get(name, 0), -before.get(name, 0), name))
    return [(name, now.get(name, 0.0), before.get(name, 0.0)) for name in names[:most]]


def promises(clock: str, rows: Sequence[FunnelRow]) -> list[PromiseShare]:
    """Return how many promises of a clock were kept, late and missed, by policy and team; the most missed first."""
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row.group, {})[row.kind] = int(row.actions)
    found = []
    for group, kinds in counts.items():
        policy, _, team = group.partition("|")
        kept, missed = kinds.get("kept", 0), kinds.get("missed", 0)
        shares = rate(kept, kept + missed), interval(kept, kept + missed)
        found.append(PromiseShare(clock, policy, team or None, kept, missed, kinds.get("late", 0), *shares))
    return sorted(found, key=lambda each: (-each.missed, each.policy, each.team or ""))
