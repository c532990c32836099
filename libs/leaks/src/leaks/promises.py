"""What the better half of a team's reps already does: their hours, and how soon they call."""

from dataclasses import dataclass
from itertools import product
from math import floor
from typing import Any

import polars as pl

from events.business_time import Calendar, parse_duration
from leaks.lead_table import LeadTable
from leaks.medians import compute_medians
from leaks.parts import collect_table
from leaks.speed import DAYS_30, measure_speed
from leaks.working_time import WorkingTime

ENOUGH_CALLS = 200
"""From so many calls on, their times say when a team works."""
ENOUGH_LEADS = 30
ENOUGH_OF_A_REP = 10
KEPT = (0.9, 0.75, 0.6)
"""The share of the called leads within a promise: the first that a step of the ladder reaches."""
LONGEST_DAY = 14 * 60
"""Calls spread over more minutes of a day than these show no working hours."""
EDGE = 0.02
"""So small a share of calls before and after hours is no part of them."""
A_DAY_OF_WORK = 0.25
"""A weekday with fewer calls than this share of the busiest is a day off."""
LADDER = ("5b", "15b", "30b", "60b", "120b", "240b", "480b", "2w", "3w", "5w", "10w")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HALF_HOUR = 30


@dataclass(frozen=True)
class ProposedPromise:
    """A first touch within so long, and how well the better half keeps it."""

    policy: str
    within: str
    reps: tuple[str, ...]
    leads: int
    called: int
    kept: int

    @property
    def attainment(self) -> float:
        """The share of all their leads, called or not, that were called within it: in twentieths, rounded down."""
        return max(floor(self.kept / self.leads * 20) / 20, 0.05)


def infer_working_hours(calls: pl.LazyFrame, calendar: Calendar) -> dict[str, Any] | None:
    """Return when people call as a calendar of the playbook; None where too few calls, or calls at all hours, show it.

    Hours begin and end where all but a few calls of the team lie, to the half hour.

    Args:
        calls: When each call was, as `at`.
        calendar: The hours that were given, for their zone and holidays.
    """
    local = pl.col("at").dt.convert_time_zone(calendar.zone)
    minute = local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute()
    counted = collect_table(calls.drop_nulls().group_by(day=local.dt.weekday() - 1, minute=minute).len())
    total = int(counted["len"].sum())
    if total < ENOUGH_CALLS:
        return None
    by_day = dict(counted.group_by("day").agg(pl.col("len").sum()).iter_rows())
    busiest = max(by_day.values())
    days = [DAYS[day] for day in range(7) if by_day.get(day, 0) >= A_DAY_OF_WORK * busiest]
    by_minute = counted.group_by("minute").agg(pl.col("len").sum()).sort("minute").with_columns(pl.col("len").cum_sum())
    first, last = (
        by_minute.filter(pl.col("len") > round(share * (total - 1)))["minute"][0] for share in (EDGE, 1 - EDGE)
    )
    start = first // _HALF_HOUR * _HALF_HOUR
    end = min((last // _HALF_HOUR + 1) * _HALF_HOUR, 24 * 60)
    if end - start > LONGEST_DAY:
        return None
    hours = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    holidays = {"public_holidays": calendar.public_holidays} if calendar.public_holidays else {}
    return {"zone": calendar.zone, **{day: [hours] for day in days}, **holidays}


def propose_promises(leads: LeadTable, calendar: Calendar) -> list[ProposedPromise]:
    """Return the promises that the better half of the reps keeps, for raised hands and for all others.

    The better half are the reps with the shorter usual wait in working time. Their promise is the shortest of `LADDER`
    within which nine of ten of the leads that they called were called; where no step reaches that, three of four, then
    six of ten. Leads of the last 30 days are left out: some
    are still to be called.
    """
    if "first_touch" not in leads.known or not (speed := measure_speed(leads, calendar)).has_minutes:
        return []
    ripe = pl.col("created_at") <= pl.lit(leads.as_of) - pl.duration(seconds=DAYS_30)
    table = speed.table.filter(ripe & pl.col("owner").is_not_null()).with_columns(owner=pl.col("owner").cast(pl.String))
    raised = pl.col("hand_raised").fill_null(value=False)
    found = []
    for policy, which in (("hand_raiser", raised), ("standard", ~raised)):
        promise = _propose_promise_for(policy, table.filter(which))
        if promise is not None:
            found.append(promise)
    return found


def _propose_promise_for(policy: str, table: pl.LazyFrame) -> ProposedPromise | None:
    called = table.filter(pl.col("first_touch").is_not_null())
    usual = compute_medians(called, "owner", "work_wait")
    counted = collect_table(called.group_by("owner").len()).filter(pl.col("len") >= ENOUGH_OF_A_REP)
    reps = sorted(counted["owner"], key=lambda rep: (usual.get(rep, float("inf")), rep))
    best = reps[: (len(reps) + 1) // 2]
    within = [
        (
            pl.col("day_wait" if parse_duration(text).unit == "w" else "work_wait")
            <= parse_duration(text).length.total_seconds()
        )
        .sum()
        .alias(text)
        for text in LADDER
    ]
    leads, calls, *kept = collect_table(
        table.filter(pl.col("owner").is_in(best)).select(pl.len(), pl.col("first_touch").count(), *within)
    ).row(0)
    if calls < ENOUGH_LEADS:
        return None
    for share, (text, many) in product(KEPT, zip(LADDER, kept, strict=True)):
        if many >= share * calls:
            return ProposedPromise(policy, text, tuple(sorted(best)), leads, calls, many)
    return None


def compute_due_times(created: pl.Series, within: str, calendar: Calendar) -> pl.Series:
    """Return when a promise for each lead runs out, by the calendar."""
    promise = parse_duration(within)
    seconds = promise.length.total_seconds()
    years = [at.year for at in (created.min(), created.max()) if at is not None]  # type: ignore[union-attr]
    if not promise.is_working_time:
        return created.dt.offset_by(f"{round(seconds)}s")
    working = WorkingTime(calendar, min(years), max(years) + 2, whole_days=promise.unit == "w")
    return working.add_working_seconds(created, seconds)
