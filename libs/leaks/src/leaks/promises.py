"""What the better half of a team's reps already does: their hours, and how soon they call."""

from dataclasses import dataclass
from itertools import product
from math import floor
from typing import Any

import polars as pl

from events.business_time import Calendar, span
from leaks.business import WorkingTime
from leaks.people import People
from leaks.speed import DAYS_30, measure

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
class Promise:
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


def hours_of(calls: pl.Series, calendar: Calendar) -> dict[str, Any] | None:
    """Return when people call as a calendar of the playbook; None where too few calls, or calls at all hours, show it.

    Hours begin and end where all but a few calls of the team lie, to the half hour.
    """
    local = calls.drop_nulls().dt.convert_time_zone(calendar.zone)
    if len(local) < ENOUGH_CALLS:
        return None
    frame = pl.DataFrame(
        {"day": local.dt.weekday() - 1, "minute": local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute()}
    )
    by_day = dict(frame.group_by("day").len().iter_rows())
    busiest = max(by_day.values())
    days = [DAYS[day] for day in range(7) if by_day.get(day, 0) >= A_DAY_OF_WORK * busiest]
    first, last = (frame["minute"].quantile(share, interpolation="nearest") or 0 for share in (EDGE, 1 - EDGE))
    start = int(first) // _HALF_HOUR * _HALF_HOUR
    end = min((int(last) // _HALF_HOUR + 1) * _HALF_HOUR, 24 * 60)
    if end - start > LONGEST_DAY:
        return None
    hours = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    holidays = {"public_holidays": calendar.public_holidays} if calendar.public_holidays else {}
    return {"zone": calendar.zone, **{day: [hours] for day in days}, **holidays}


def kept_promises(people: People, calendar: Calendar) -> list[Promise]:
    """Return the promises that the better half of the reps keeps, for raised hands and for all others.

    The better half are the reps with the shorter usual wait in working time. Their promise is the shortest of `LADDER`
    within which nine of ten of the leads that they called were called; where no step reaches that, three of four, then
    six of ten. Leads of the last 30 days are left out: some
    are still to be called.
    """
    speed = measure(people, calendar)
    if "first_touch" not in people.known or not speed.has_minutes:
        return []
    ripe = pl.col("created_at") <= pl.lit(people.as_of) - pl.duration(seconds=DAYS_30)
    table = speed.table.filter(ripe & pl.col("owner").is_not_null()).with_columns(owner=pl.col("owner").cast(pl.String))
    raised = pl.col("hand_raised").fill_null(value=False)
    found = []
    for policy, which in (("hand_raiser", raised), ("standard", ~raised)):
        promise = _kept(policy, table.filter(which))
        if promise is not None:
            found.append(promise)
    return found


def _kept(policy: str, table: pl.DataFrame) -> Promise | None:
    called = table.filter(pl.col("first_touch").is_not_null())
    reps = (
        called.group_by("owner")
        .agg(usual=pl.col("work_wait").median(), leads=pl.len())
        .filter(pl.col("leads") >= ENOUGH_OF_A_REP)
        .sort("usual", "owner")
    )
    best = reps["owner"].to_list()[: (reps.height + 1) // 2]
    own, own_called = (each.filter(pl.col("owner").is_in(best)) for each in (table, called))
    if own_called.height < ENOUGH_LEADS:
        return None
    for share, text in product(KEPT, LADDER):
        promise = span(text)
        wait = "day_wait" if promise.unit == "w" else "work_wait"
        kept = int((own_called[wait] <= promise.length.total_seconds()).sum())
        if kept >= share * own_called.height:
            return Promise(policy, text, tuple(sorted(best)), own.height, own_called.height, kept)
    return None


def due_at(created: pl.Series, within: str, calendar: Calendar) -> pl.Series:
    """Return when a promise for each lead runs out, by the calendar."""
    promise = span(within)
    seconds = promise.length.total_seconds()
    years = [at.year for at in (created.min(), created.max()) if at is not None]  # type: ignore[union-attr]
    if not promise.on_calendar:
        return created.dt.offset_by(f"{round(seconds)}s")
    working = WorkingTime(calendar, min(years), max(years) + 2, whole_days=promise.unit == "w")
    return working.after(created, seconds)
