"""Readiness: ready to talk to sales about it? A pure function of what a contact did and of an instant.

Each kind of engagement adds its points, which fade and count up to their cap. Points are rounded to eighths, as they
are published, and decisions follow from the rounded points.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from events.leads import Evidence, LeadType
from scoring.domain.decay import (
    EngagementListSum,
    HalvingSum,
    from_microseconds,
    make_empty_sum,
    microseconds_until_spent,
    to_microseconds,
)
from scoring.domain.fit import STEP, cap_deductions
from scoring.domain.history import Engagement
from scoring.playbook import EngagementWorth, Level, ReadinessRules, Thresholds


@dataclass(slots=True)
class Readiness:
    """The level and what it is made of: `points` is exactly the sum of the evidence."""

    level: Level
    points: float
    evidence: list[Evidence]
    lead_type: LeadType | None
    """What the strongest evidence makes of a lead."""


def find_engagement_worth(engagement: Engagement, rules: ReadinessRules) -> EngagementWorth | None:
    """Find the row of the playbook that says what an engagement is worth."""
    for row in rules.worths_by_engagement.get(engagement.engagement, rules.source_worths):
        if row.sources and engagement.source not in row.sources:
            continue
        if row.has_conditions and not row.is_met_by(engagement.facts, rules.affirmative_terms):
            continue
        return row
    return None


def find_signals(engagement: Engagement, rules: ReadinessRules) -> list[EngagementWorth]:
    """Find the signs of urgency, budget, authority or product use in what was answered, one row of a name."""
    wanted = rules.signal_facts
    if wanted is not None and wanted.isdisjoint(engagement.facts):
        return []
    found: dict[str, EngagementWorth] = {}
    for row in rules.signals:
        if row.name not in found and row.is_met_by(engagement.facts, rules.affirmative_terms):
            found[row.name] = row
    return list(found.values())


class ReadinessTally:
    """The sums of one window of a history. Engagements are added in the order they happened."""

    __slots__ = ("_latest", "_rules", "_sums", "most")

    def __init__(self, rules: ReadinessRules, engagements: Iterable[Engagement] = ()) -> None:
        self._rules = rules
        self._sums: dict[str, HalvingSum | EngagementListSum] = {}
        self._latest: dict[tuple[str, str, int], tuple[int, float]] = {}
        """When a content was looked at last and the points of it, by the name of its row and the period."""
        self.most = 0.0
        """More than the points can be, without reckoning them."""
        for engagement in engagements:
            self.add(engagement)

    def add(self, engagement: Engagement) -> None:
        """Add an engagement."""
        row = find_engagement_worth(engagement, self._rules)
        rows = find_signals(engagement, self._rules) if self._rules.signals else []
        at = to_microseconds(engagement.occurred_at)
        for each in rows if row is None else [row, *rows]:
            known = self._sums.get(each.name)
            if known is None:
                known = self._sums[each.name] = make_empty_sum(each)
            if each is row and (before := self._points_of_same_content(row, engagement.content, at)) is not None:
                known.subtract(*before)
            known.add(each.points, at)
            self.most += max(0.0, each.points) + 1 / STEP

    def _points_of_same_content(self, row: EngagementWorth, content: str | None, at: int) -> tuple[int, float] | None:
        """Return what the same content counted within this period so far: it counts once, as of the last time."""
        if row.same_content_us is None or content is None:
            return None
        key = (row.name, content, at // row.same_content_us)
        before = self._latest.get(key)
        self._latest[key] = at, row.points
        return before

    @property
    def last_at(self) -> datetime | None:
        """When the last engagement that counts happened."""
        return from_microseconds(max(kind_sum.at for kind_sum in self._sums.values())) if self._sums else None

    def points_at(self, at: datetime) -> float:
        """Return the points at an instant, not before the last engagement."""
        return self._compute_points(to_microseconds(at)) if self._sums else 0.0

    def _compute_points(self, at: int) -> float:
        counted = [kind_sum.points_at(at) for kind_sum in self._sums.values()]
        return sum(counted) + sum(line.points for line in self._deductions_above_caps(counted))

    def _deductions_above_caps(self, counted: list[float]) -> list[Evidence]:
        if not self._rules.groups:
            return []
        return cap_deductions([kind_sum.worth.group for kind_sum in self._sums.values()], counted, self._rules.groups)

    def readiness_at(self, at: datetime, thresholds: Thresholds) -> Readiness:
        """Return level and evidence at an instant, not before the last engagement."""
        if not self._sums:
            return Readiness(thresholds.level_for(0.0), 0.0, [], None)
        asked = to_microseconds(at)
        counted = [(kind_sum.points_at(asked), kind_sum) for kind_sum in self._sums.values()]
        evidence = [
            Evidence(
                criterion=kind_sum.worth.name,
                points=points,
                value=kind_sum.count,
                note=f"last {from_microseconds(kind_sum.at).date().isoformat()}",
            )
            for points, kind_sum in counted
        ]
        evidence += self._deductions_above_caps([points for points, _ in counted])
        total = sum([line.points for line in evidence])
        _, strongest = max(counted, key=lambda pair: (pair[0], pair[1].at, pair[1].worth.name))
        return Readiness(thresholds.level_for(total), total, evidence, strongest.worth.lead_type)

    def find_fall_below(self, points: float, *, since: datetime) -> datetime | None:
        """Return the first microsecond from `since` on at which less than `points` are left; None: it never comes."""
        if points <= 0:
            return None
        early = max(to_microseconds(since), max((kind_sum.at for kind_sum in self._sums.values()), default=0))
        if self._compute_points(early) < points:
            return from_microseconds(early)
        adding = [kind_sum for kind_sum in self._sums.values() if kind_sum.worth.points >= 0]
        share = points / sum([kind_sum.undecayed for kind_sum in adding])
        above, below = early, max(kind_sum.at + microseconds_until_spent(kind_sum, share) for kind_sum in adding) + 1
        left = self._points_function_for_halving_sums() or self._compute_points
        for lapse in self._penalty_end_times(
            above, below
        ):  # only then points can rise: before each, the last instant is lowest
            if left(lapse - 1) < points:
                below = lapse - 1
                break
            above = lapse
        while below - above > 1:
            middle = (above + below) // 2
            if left(middle) < points:
                below = middle
            else:
                above = middle
        return from_microseconds(below)

    def _penalty_end_times(self, after: int, before: int) -> list[int]:
        """Return when points below zero cease to count between two instants, in order."""
        ends = {
            at + (kind_sum.worth.lifetime_us or 0)
            for kind_sum in self._sums.values()
            if isinstance(kind_sum, EngagementListSum) and kind_sum.worth.points < 0
            for at, _ in kind_sum.kept
        }
        return sorted(end for end in ends if after < end < before)

    def _points_function_for_halving_sums(self) -> Callable[[int], float] | None:
        """Return `_points` in fewer steps, where all sums halve and no group has a cap: the bisection asks 50 times."""
        plain = [kind_sum for kind_sum in self._sums.values() if isinstance(kind_sum, HalvingSum)]
        if self._rules.groups or len(plain) < len(self._sums):
            return None
        parts = [
            (kind_sum.undecayed, kind_sum.worth.cap, kind_sum.at, kind_sum.worth.half_life_us or 1)
            for kind_sum in plain
        ]

        def left(at: int) -> float:
            total = 0.0
            for whole, cap, since, half_life in parts:
                total += round(min(cap, whole * math.exp2((since - at) / half_life)) * STEP) / STEP
            return total

        return left
