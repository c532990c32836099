"""The decaying sum of a kind of engagement at any later instant.

Instants are integers here, microseconds since 1970: the bisection asks often.

Two engagements that halve alike fade as one, so the plain kind needs one number however long the history is. What fades
evenly, counts for some days, so often or so much a period is kept engagement by engagement.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from scoring.domain.fit import in_eighths
from scoring.playbook import Worth

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _SECOND = 86_400_000_000, 1_000_000


def microseconds(at: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    since = at - _EPOCH
    return since.days * _DAY + since.seconds * _SECOND + since.microseconds


def instant(at: int) -> datetime:
    """Return the instant of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at)


@dataclass(slots=True)
class Fading:
    """Engagements that halve in the same time, as one number."""

    row: Worth
    whole: float = 0.0
    at: int = 0
    count: int = 0

    def add(self, points: float, at: int) -> None:
        """Add an engagement, not before the last."""
        self.whole = self._faded(at) + points
        self.at = at
        self.count += 1

    def take_back(self, at: int, points: float) -> None:
        """Take away an engagement of then."""
        self.whole -= points * math.exp2(-((self.at - at) / self.row.half_life))  # type: ignore[operator]  # as below
        self.count -= 1

    def counted(self, at: int) -> float:
        """Return what counts at an instant, in eighths of a point."""
        return in_eighths(min(self.row.cap, self._faded(at)))

    def _faded(self, at: int) -> float:
        if at == self.at or not self.whole:
            return self.whole
        return self.whole * math.exp2(-((at - self.at) / self.row.half_life))  # type: ignore[operator]  # plain: it has one


@dataclass(slots=True)
class Listed:
    """Engagements listed singly: the latest few of them, each while it counts, each period up to its own cap."""

    row: Worth
    kept: deque[tuple[int, float]] = field(default_factory=deque)
    at: int = 0
    count: int = 0

    @property
    def whole(self) -> float:
        """The points before anything has faded."""
        return sum([points for _, points in self.kept])

    def add(self, points: float, at: int) -> None:
        """Add an engagement, not before the last."""
        self.kept.append((at, points))
        if self.row.repeats is not None and len(self.kept) > self.row.repeats:
            self.kept.popleft()
        self.at = at
        self.count += 1

    def take_back(self, at: int, points: float) -> None:
        """Take away an engagement of then, where it still counts among the latest."""
        if (at, points) in self.kept:
            self.kept.remove((at, points))
        self.count -= 1

    def counted(self, at: int) -> float:
        """Return what counts at an instant, in eighths of a point."""
        total, period, in_period = 0.0, None, 0.0
        for since, points in self.kept:
            left = self._left(points, at - since)
            if self.row.period is None:
                total += left
                continue
            if period != since // self.row.period:
                total, period, in_period = total + in_period, since // self.row.period, 0.0
            in_period = min(self.row.period_cap or 0.0, in_period + left)
        bound = max if self.row.points < 0 else min
        return in_eighths(bound(self.row.cap, total + in_period))

    def _left(self, points: float, age: int) -> float:
        row = self.row
        if row.lifetime is not None and age >= row.lifetime:
            return 0.0
        if row.linear is not None:
            return points * (1 - age / row.linear)
        return points if row.half_life is None else points * math.exp2(-(age / row.half_life))


def sum_for(row: Worth) -> Fading | Listed:
    """Begin a sum of a row's kind."""
    return Fading(row) if row.is_plain else Listed(row)


def spent_after(kind_sum: Fading | Listed, share: float) -> int:
    """Return the microseconds after its last engagement in which surely less than this share of it is left."""
    row = kind_sum.row
    if row.lifetime is not None:
        return row.lifetime
    # rounding to eighths less than doubles a sum, so two more half-lives are surely below
    return math.ceil(row.half_life * (max(0.0, -math.log2(share)) + 2))  # type: ignore[operator]  # no lifetime, so it has one
