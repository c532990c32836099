"""What follows from the funnel's sums: rates with their intervals, dips beyond chance, loosened thresholds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from events.intervals import compute_wilson_interval
from feedback.domain.figure_lists import UNKNOWN, build_list_address, cohort_list_addresses
from feedback.domain.funnel import FunnelRow

STEPS: Mapping[str, tuple[str, str]] = {
    "mql_to_accepted": ("accepted", "leads"),
    "mql_to_sal": ("sal", "leads"),
    "sal_to_sql": ("sql_of_sal", "sal"),
    "mql_to_sql": ("sql", "leads"),
    "sql_to_sqo": ("sqo", "sql"),
    "sqo_to_won": ("won_of_sqo", "sqo"),
    "sql_to_won": ("won_of_sql", "sql"),
    "mql_to_won": ("won", "leads"),
}
"""Each rate as the part and the whole it is a part of."""


_COUNTED_AS = {"leads": "qualified", "sql_of_sal": "sql"}
"""The figure that a measure is in lists: whoever is SQL was SAL."""


def compute_rate(part: float, whole: float) -> float | None:
    """Return a share to four digits, or None of nothing."""
    return round(part / whole, 4) if whole else None


def wilson_interval(part: float, whole: float) -> list[float] | None:
    """Return Wilson's interval to four digits."""
    found = compute_wilson_interval(part, whole)
    return None if found is None else [round(end, 4) for end in found]


@dataclass(frozen=True, slots=True)
class RateDip:
    """A step whose rate fell by more than chance explains."""

    step: str
    now: float
    before: float
    now_interval: list[float]
    before_interval: list[float]
    now_counted: int
    """How many did the step, of `now_of`."""
    now_of: int
    before_counted: int
    before_of: int
    lists: dict[str, str]


def find_dips(
    now: FunnelRow, before: FunnelRow, at_least: int, spans: tuple[tuple[date, date], tuple[date, date]]
) -> list[RateDip]:
    """Name the steps that convert worse than before, where the intervals do not even meet.

    `spans` are the first and last day of both cohorts, whose leads are MQLs by points.
    """
    found = []
    for step, (part, whole) in STEPS.items():
        if min(now.value_of(whole), before.value_of(whole)) < at_least:
            continue
        new, old = (
            compute_wilson_interval(now.value_of(part), now.value_of(whole)),
            compute_wilson_interval(before.value_of(part), before.value_of(whole)),
        )
        if new is not None and old is not None and new[1] < old[0]:
            found.append(
                RateDip(
                    step,
                    round(now.value_of(part) / now.value_of(whole), 4),
                    round(before.value_of(part) / before.value_of(whole), 4),
                    [round(end, 4) for end in new],
                    [round(end, 4) for end in old],
                    int(now.value_of(part)),
                    int(now.value_of(whole)),
                    int(before.value_of(part)),
                    int(before.value_of(whole)),
                    _list_addresses_of_step(part, whole, spans),
                )
            )
    return found


def _list_addresses_of_step(
    part: str, whole: str, spans: tuple[tuple[date, date], tuple[date, date]]
) -> dict[str, str]:
    """Return the lists of those who did a step, and of those who could, now and before."""
    counted, of = (_COUNTED_AS.get(name, name) for name in (part, whole))
    found: dict[str, str] = {}
    for when, span in zip(("now", "before"), spans, strict=True):
        lists = cohort_list_addresses((counted, of), span, "mql")
        found |= {f"{when}_counted": lists[counted], f"{when}_of": lists[of]}
    return found


@dataclass(frozen=True, slots=True)
class VersionVolume:
    """One version of scoring's playbook as the funnel saw it: from which day to which it made so many leads."""

    version: str
    first: date
    last: date
    leads: float
    poor: float
    """Leads of the two lower grades."""

    @property
    def leads_per_day(self) -> float:
        """Leads a day."""
        return self.leads / ((self.last - self.first).days + 1)


def find_period_end(day: date, months: int) -> date:
    """Return the last day of the month, quarter or year (1, 3, 12 months) that a day is in."""
    first = ((day.month - 1) // months + 1) * months
    following = date(day.year + first // 12, first % 12 + 1, 1)
    return following - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LoosenedVersion:
    """A version that made more leads of less fit, begun shortly before a period's end."""

    version: str
    before: str
    since: date
    period_ends: date
    a_day: float
    a_day_before: float
    poor_share: float | None
    poor_share_before: float | None
    leads: int
    leads_before: int
    lists: dict[str, str]


def find_loosened_versions(
    versions: Sequence[VersionVolume], *, months: int, near_days: int, more: float
) -> list[LoosenedVersion]:
    """Flag thresholds that were loosened near a period's end: `more` times the volume a day, or of worse fit."""
    found = []
    ordered = sorted(versions, key=lambda version: (version.first, version.version))
    for old, new in pairwise(ordered):
        ends = find_period_end(new.first, months)
        if (ends - new.first).days > near_days:
            continue
        worse = new.poor / new.leads > 1.5 * old.poor / old.leads and new.poor > 1
        if new.leads_per_day >= more * old.leads_per_day or (worse and new.leads_per_day >= old.leads_per_day):
            found.append(
                LoosenedVersion(
                    new.version, old.version, new.first, ends, round(new.leads_per_day, 2), round(old.leads_per_day, 2),
                    compute_rate(new.poor, new.leads), compute_rate(old.poor, old.leads),
                    int(new.leads), int(old.leads),
                    {
                        name: build_list_address(counted="qualified", playbook_version=each.version or UNKNOWN)
                        for name, each in (("leads", new), ("leads_before", old))
                    },
                )
            )  # fmt: skip
    return found


def compute_quantile(histogram: Mapping[int, float], share: float) -> int | None:
    """Return the smallest value with at least this share of the count at or below it."""
    total = sum(histogram.values())
    running = 0.0
    for value in sorted(histogram):
        running += histogram[value]
        if total and running >= share * total:
            return value
    return None
