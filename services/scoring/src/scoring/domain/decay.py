"""The decaying sum of a kind of engagement at any later instant.

Instants are integers here, microseconds since 1970: the bisection asks often.

Two engagements that halve alike fade as one, so the plain kind needs one number however long the history is. What fades
evenly, counts for some days, so often or so much a period is kept engagement by engagement.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from scoring.domain.fit import round_to_eighths
from scoring.playbook import EngagementWorth

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _SECOND = 86_400_000_000, 1_000_000


def to_microseconds(at: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    since = at - _EPOCH
    return since.days * _DAY + since.seconds * _SECOND + since.microseconds


def from_microseconds(at: int) -> datetime:
    """Return the instant of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at)


@dataclass(slots=True)
class HalvingSum:
    """Engagements that halve in the same time, as one number."""

    worth: EngagementWorth
    undecayed: float = 0.0
    at: int = 0
    count: int = 0

    def add(self, points: float, at: int) -> None:
        """Add an engagement, not before the last."""
        self.undecayed = self._decayed_points(at) + points
        self.at = at
        self.count += 1

    def subtract(self, at: int, points: float) -> None:
        """Take away an engagement of then."""
        self.undecayed -= points * math.exp2(-((self.at - at) / self.worth.half_life_us))  # type: ignore[operator]  # as below
        self.count -= 1

    def points_at(self, at: int) -> float:
        """Return what counts at an instant, in points rounded to eighths."""
        return round_to_eighths(min(self.worth.cap, self._decayed_points(at)))

    def _decayed_points(self, at: int) -> float:
        if at == self.at or not self.undecayed:
            return self.undecayed
        return self.undecayed * math.exp2(-((at - self.at) / self.worth.half_life_us))  # type: ignore[operator]  # plain: it has one


@dataclass(slots=True)
class EngagementListSum:
    """Engagements listed singly: the latest few of them, each while it counts, each period up to its own cap."""

    worth: EngagementWorth
    kept: deque[tuple[int, float]] = field(default_factory=deque)
    at: int = 0
    count: int = 0

    @property
    def undecayed(self) -> float:
        """The points before anything has faded."""
        return sum([points for _, points in self.kept])

    def add(self, points: float, at: int) -> None:
        """Add an engagement, not before the last."""
        self.kept.append((at, points))
        if self.worth.repeats is not None and len(self.kept) > self.worth.repeats:
            self.kept.popleft()
        self.at = at
        self.count += 1

    def subtract(self, at: int, points: float) -> None:
        """Take away an engagement of then, where it still counts among the latest."""
        if (at, points) in self.kept:
            self.kept.remove((at, points))
        self.count -= 1

    def points_at(self, at: int) -> float:
        """Return what counts at an instant, in points rounded to eighths."""
        total, period, in_period = 0.0, None, 0.0
        for since, points in self.kept:
            left = self._points_left(points, at - since)
            if self.worth.cap_period_us is None:
                total += left
                continue
            if period != since // self.worth.cap_period_us:
                total, period, in_period = total + in_period, since // self.worth.cap_period_us, 0.0
            in_period = min(self.worth.period_cap or 0.0, in_period + left)
        bound = max if self.worth.points < 0 else min
        return round_to_eighths(bound(self.worth.cap, total + in_period))

    def _points_left(self, points: float, age: int) -> float:
        worth = self.worth
        if worth.lifetime_us is not None and age >= worth.lifetime_us:
            return 0.0
        if worth.linear_us is not None:
            return points * (1 - age / worth.linear_us)
        return points if worth.half_life_us is None else points * math.exp2(-(age / worth.half_life_us))


def make_empty_sum(worth: EngagementWorth) -> HalvingSum | EngagementListSum:
    """Return an empty sum for a row of the playbook."""
    return HalvingSum(worth) if worth.is_half_life_only else EngagementListSum(worth)


def microseconds_until_spent(kind_sum: HalvingSum | EngagementListSum, share: float) -> int:
    """Return the microseconds after its last engagement in which surely less than this share of it is left."""
    worth = kind_sum.worth
    if worth.lifetime_us is not None:
        return worth.lifetime_us
    # rounding to eighths less than doubles a sum, so two more half-lives are surely below
    return math.ceil(worth.half_life_us * (max(0.0, -math.log2(share)) + 2))  # type: ignore[operator]  # no lifetime, so it has one
