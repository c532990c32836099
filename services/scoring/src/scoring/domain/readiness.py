"""Readiness: ready to talk to sales about it? A pure function of what a contact did and of the instant one asks about.

Each kind of engagement adds its points; the sum halves in its half-life and counts up to its cap. Two sums that fade
alike fade as one, so a kind needs one number however long the history is.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.leads import Evidence, LeadType
from scoring.domain.fit import told
from scoring.domain.history import Engagement
from scoring.playbook import Level, ReadinessRules, Worth

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Readiness:
    """The level and what it is made of: `points` is exactly the sum of the evidence."""

    level: Level
    points: float
    evidence: list[Evidence]
    lead_type: LeadType | None
    """What the strongest evidence makes of a lead."""


_NONE = Readiness(4, 0.0, [], None)


@dataclass(slots=True)
class _Sum:
    row: Worth
    points: float
    at: datetime
    count: int


def worth_of(engagement: Engagement, rules: ReadinessRules) -> Worth | None:
    """Find the row of the playbook that says what an engagement is worth."""
    for row in rules.by_engagement.get(engagement.engagement, rules.by_source):
        if row.sources and engagement.source not in row.sources:
            continue
        if row.if_any_says_yes and not _says_yes(engagement, row, rules):
            continue
        return row
    return None


def _says_yes(engagement: Engagement, row: Worth, rules: ReadinessRules) -> bool:
    for wanted in row.if_any_says_yes:
        for fact, value in engagement.facts.items():
            fits = fact.startswith(wanted[:-1]) if wanted.endswith("*") else fact == wanted
            if fits and rules.says_yes(value):
                return True
    return False


class Tally:
    """The sums of one window of a history. Engagements are added in the order they happened."""

    __slots__ = ("_rules", "_sums")

    def __init__(self, rules: ReadinessRules, engagements: Iterable[Engagement] = ()) -> None:
        self._rules = rules
        self._sums: dict[str, _Sum] = {}
        for engagement in engagements:
            self.add(engagement)

    def add(self, engagement: Engagement) -> None:
        """Count one more engagement."""
        row = worth_of(engagement, self._rules)
        if row is None:
            return
        at = engagement.occurred_at
        known = self._sums.get(row.name)
        if known is None:
            self._sums[row.name] = _Sum(row, row.points, at, 1)
        else:
            known.points = _faded(known, at) + row.points
            known.at = at
            known.count += 1

    @property
    def last_at(self) -> datetime | None:
        """When the last engagement that counts happened."""
        return max((one.at for one in self._sums.values()), default=None)

    def points(self, at: datetime) -> float:
        """Give the points at an instant, not before the last engagement."""
        total = 0.0
        for one in self._sums.values():
            total += _counted(one, at)
        return total

    def read(self, at: datetime) -> Readiness:
        """Give level and evidence at an instant, not before the last engagement."""
        if not self._sums:
            return _NONE
        counted = [(_counted(one, at), one) for one in self._sums.values()]
        evidence = [
            Evidence(
                criterion=one.row.name,
                points=points,
                value=one.count,
                note=f"last {one.at.date().isoformat()}",
            )
            for points, one in counted
        ]
        total = sum(points for points, _ in counted)
        _, strongest = max(counted, key=lambda pair: (pair[0], pair[1].at, pair[1].row.name))
        return Readiness(self._rules.level(total), total, evidence, strongest.row.lead_type)

    def falls_below(self, points: float, *, since: datetime) -> datetime | None:
        """Give the first microsecond from `since` on at which less than `points` are left; None: it never comes."""
        if points <= 0:
            return None
        early = max(since, self.last_at or since)
        if self.points(early) < points:
            return early
        whole = sum(one.points for one in self._sums.values())
        slowest = max(one.row.half_life for one in self._sums.values())
        # rounding to eighths less than doubles a sum, so two more half-lives of the slowest are surely below
        above, below = 0, math.ceil(slowest / _MICROSECOND * (math.log2(whole / points) + 2))
        left = self._left_after(early)
        while below - above > 1:
            middle = (above + below) // 2
            if left(middle) < points:
                below = middle
            else:
                above = middle
        return early + below * _MICROSECOND

    def _left_after(self, early: datetime) -> Callable[[int], float]:
        """Give `points` as a function of the microseconds since `early`: the same numbers, in fewer steps."""
        sums = [
            (one.points, one.row.cap, (early - one.at) // _MICROSECOND, one.row.half_life // _MICROSECOND)
            for one in self._sums.values()
        ]

        def left(after: int) -> float:
            total = 0.0
            for points, cap, age, half_life in sums:
                total += told(min(cap, points * math.exp2(-((age + after) / half_life))))
            return total

        return left


def _faded(one: _Sum, at: datetime) -> float:
    if at == one.at:
        return one.points
    return one.points * math.exp2(-((at - one.at) / one.row.half_life))


def _counted(one: _Sum, at: datetime) -> float:
    return told(min(one.row.cap, _faded(one, at)))
