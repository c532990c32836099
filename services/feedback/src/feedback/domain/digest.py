"""The week as both teams read it: what happened beside the week before, what the ripe cohorts say, what to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import TypedDict

from feedback.domain.figure_lists import (
    UNKNOWN,
    cohort_list_addresses,
    promise_list_addresses,
    reached_list_address,
    touch_list_address,
)
from feedback.domain.funnel import FunnelRow
from feedback.domain.pictures import RatePoint
from feedback.domain.rates import compute_rate, wilson_interval

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

    def minus_weeks(self, weeks: int) -> "Week":
        """Return the week so many before."""
        return Week(self.monday - timedelta(weeks=weeks))


@dataclass(frozen=True, slots=True)
class PromiseCounts:
    """How many promises of a clock were kept and missed for a policy and team; of the missed, `late` came after all."""

    clock: str
    policy: str
    team: str | None
    kept: int
    missed: int
    late: int
    share: float | None
    interval: list[float] | None
    promised: float | None
    """The share that sales had promised to keep by the end of the week; None where it promised none."""
    is_kept: bool | None
    """Whether the share that was kept is as large; None where nothing was promised."""
    short: int
    """How many more would have had to be kept."""
    clocks: dict[str, str]
    """The list behind each of the counts: addresses of sla-monitor."""


def week_of(day: date) -> Week:
    """Return the week that a day is in."""
    return Week(day - timedelta(days=day.weekday()))


class ChangeFromWeekBefore(TypedDict):
    """A number of a week beside that of the week before; `change` is a share, None where there was none before."""

    now: float
    before: float
    change: float | None


def compare_with_week_before(rows: Sequence[FunnelRow], week: Week) -> dict[str, ChangeFromWeekBefore]:
    """Compare what leads reached in a week with the week before; `rows` are by stage and week."""
    at = {(row.group, row.cohort): row for row in rows}
    found = {}
    for name in REACHED:
        found[name] = _change_from_week_before(
            _value_in_week(at, name, week, "leads"), _value_in_week(at, name, week.minus_weeks(1), "leads")
        )
    won = (_value_in_week(at, "won", week, "revenue"), _value_in_week(at, "won", week.minus_weeks(1), "revenue"))
    return found | {"revenue": _change_from_week_before(*won)}


def _value_in_week(at: Mapping[tuple[str, str | None], FunnelRow], name: str, week: Week, measure: str) -> float:
    row = at.get((name, week.name))
    return round(row.value_of(measure), 2) if row else 0.0


def _change_from_week_before(now: float, before: float) -> ChangeFromWeekBefore:
    return {"now": now, "before": before, "change": round(now / before - 1, 4) if before else None}


def weekly_counts(rows: Sequence[FunnelRow], week: Week, name: str) -> list[float]:
    """Return what leads reached in each of the last weeks, the oldest first."""
    at = {(row.group, row.cohort): row.leads for row in rows}
    return [at.get((name, week.minus_weeks(back).name), 0.0) for back in reversed(range(WEEKS))]


def weekly_list_addresses(week: Week, name: str) -> list[str]:
    """Return the lists of what leads reached in each of the last weeks, the oldest first."""
    weeks = [week.minus_weeks(back) for back in reversed(range(WEEKS))]
    return [reached_list_address(name, each.monday, each.sunday) for each in weeks]


def compute_cohort_rates(rows: Sequence[FunnelRow], last: Week) -> list[RatePoint]:
    """Return MQL to SQL of the last ripe weekly cohorts, the oldest first."""
    at = {row.cohort: row for row in rows}
    found = []
    for back in reversed(range(WEEKS)):
        week = last.minus_weeks(back)
        row = at.get(week.name)
        leads, sql = (int(row.leads), int(row.sql)) if row else (0, 0)
        low, high = wilson_interval(sql, leads) or (0.0, 0.0)
        lists = cohort_list_addresses(("qualified", "sql"), (week.monday, week.sunday), "mql")
        found.append(RatePoint(week.name[5:], compute_rate(sql, leads), low, high, leads, sql, lists))
    return found


def pair_counts(now: Mapping[str, float], before: Mapping[str, float], most: int = 8) -> list[tuple[str, float, float]]:
    """Put two weeks' counts side by side, the largest first."""
    names = sorted({*now, *before}, key=lambda name: (-now.get(name, 0), -before.get(name, 0), name))
    return [(name, now.get(name, 0.0), before.get(name, 0.0)) for name in names[:most]]


def reason_list_addresses(reason: str, week: Week) -> dict[str, str]:
    """Return the leads that came back for a reason in a week (`now`) and in the one before."""
    weeks = {"now": week, "before": week.minus_weeks(1)}
    return {
        name: reached_list_address("returned", each.monday, each.sunday, reason=reason or UNKNOWN)
        for name, each in weeks.items()
    }


def topic_list_addresses(topic: str, week: Week) -> dict[str, str]:
    """Return the touches in which a topic was raised in a week (`now`) and in the one before."""
    weeks = {"now": week, "before": week.minus_weeks(1)}
    return {name: touch_list_address(topic, each.monday, each.sunday) for name, each in weeks.items()}


def count_promises(
    clock: str, rows: Sequence[FunnelRow], days: tuple[date, date], promised: float | None = None
) -> list[PromiseCounts]:
    """Return how many promises of a clock were kept, late and missed, by policy and team; the most missed first.

    Args:
        clock: Its name.
        rows: Counts by policy and team, of what fell due from the first to the last of `days`.
        days: A week, as a rule.
        promised: Which share sales promised to keep.
    """
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row.group, {})[row.kind] = int(row.actions)
    found = []
    for group, kinds in counts.items():
        policy, _, team = group.partition("|")
        kept, missed = kinds.get("kept", 0), kinds.get("missed", 0)
        shares = compute_rate(kept, kept + missed), wilson_interval(kept, kept + missed)
        asked = ceil(round((promised or 0.0) * (kept + missed), 6))
        found.append(
            PromiseCounts(
                clock, policy, team or None, kept, missed, kinds.get("late", 0), *shares, promised,
                None if promised is None else kept >= asked, max(0, asked - kept),
                promise_list_addresses(clock, policy, team, *days),
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (-each.missed, each.policy, each.team or ""))
