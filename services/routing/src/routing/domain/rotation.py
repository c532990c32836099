"""Weighted rotation: whose turn it is, so that nobody is ever more than one lead away from their exact share.

Stride scheduling: each seat stands at a position and moves on by its stride (1 / weight) with each lead. Plain stride
gives the lead to whoever stands furthest back; with unequal weights that strays many leads from the exact share (by
fifty, with one rep of weight 100 among a hundred of weight 1). Two words cure it:

- The *level* is the weighted mean of the positions: where everybody would stand if leads could be split.
- Only a seat behind the next level may be picked, and of those the one whose next stride ends first.

With a fixed membership this is the quota method of Balinski and Young: after any n picks every seat has the exact share
rounded up or down. A newcomer or returner starts at the level, which disturbs nobody's share; starting further back, at
the least position of all, would flood a heavy newcomer among light ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf

from routing.domain.reps import Seat

SLACK = 1e-9
"""Positions are floats; two that differ by less stand at the same place. Real differences are above 1e-8."""

FAR = 64.0
"""Where a level is moved back to zero: up to here rounding adds up to less than a tenth of the slack."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """The seats of one pool. `weight` is the sum over those who take part; `level` is their weighted mean position."""

    seats: Mapping[str, Seat]
    weight: float
    level: float

    @classmethod
    def of(cls, seats: Iterable[Seat]) -> "Rotation":
        """Seat everybody. Who can take leads now and could not before starts at the level, unless ahead of it.

        Who has another weight than before stays as many leads from their exact share as they were.
        """
        found = {seat.rep.rep_id: seat for seat in seats}
        _, level = _mean(seat for seat in found.values() if seat.taking_part and seat.why_not is None)
        for rep_id, seat in found.items():
            able, weight = seat.why_not is None, seat.rep.weight
            position = seat.position
            if seat.weight not in (None, weight):
                position = level + (position - level) * seat.told_in / weight
            if able and not seat.taking_part:
                position = max(position, level)
            if (position, able, weight) != (seat.position, seat.taking_part, seat.weight):
                found[rep_id] = replace(seat, position=position, taking_part=able, weight=weight)
        return cls(found, *_mean(seat for seat in found.values() if seat.taking_part))

    def next(self, without: frozenset[str] = frozenset()) -> Seat | None:
        """Whose turn it is among those who take part, `without` some; None where nobody is left."""
        limit = self.level + 1 / self.weight - SLACK if self.weight else 0.0
        best = fallback = None
        best_ends = fallback_ends = inf
        for rep_id, seat in self.seats.items():
            if not seat.taking_part or rep_id in without:
                continue
            ends = seat.ends
            if ends < best_ends - SLACK and seat.position < limit:
                best, best_ends = seat, ends
            if ends < fallback_ends - SLACK:
                fallback, fallback_ends = seat, ends
        return best or fallback

    def give(self, rep_id: str, *, in_turn: bool) -> "Rotation":
        """Give a rep one more lead; who can take no more leaves the rotation.

        In turn, the seat moves on by its stride; out of turn (an account's owner, a named rep) only the load counts.
        """
        seat = self.seats[rep_id].given()
        level = self.level
        if in_turn:
            seat = replace(seat, position=seat.ends)
            level += 1 / self.weight
        if seat.why_not is None:
            return Rotation({**self.seats, rep_id: seat}, self.weight, level)
        seats = {**self.seats, rep_id: replace(seat, taking_part=False)}
        return Rotation(seats, *_mean(other for other in seats.values() if other.taking_part))

    def rebased(self) -> "Rotation":
        """Take the level as the new zero once it is far from it, so that positions stay exact for ever.

        A seat that rests keeps only what it is ahead: it will return at the level of that time.
        """
        if abs(self.level) < FAR:
            return self
        moved = {
            rep_id: replace(
                seat,
                position=seat.position - self.level if seat.taking_part else max(0.0, seat.position - self.level),
            )
            for rep_id, seat in self.seats.items()
        }
        return Rotation(moved, self.weight, 0.0)


def _mean(seats: Iterable[Seat]) -> tuple[float, float]:
    weight = moment = 0.0
    for seat in seats:
        weight += seat.told_in
        moment += seat.told_in * seat.position
    return weight, moment / weight if weight else 0.0
