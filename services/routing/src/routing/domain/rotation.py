"""Weighted rotation: whose turn it is, so that each rep stays within one lead of their exact share.

Stride scheduling (Waldspurger and Weihl, 1995): each seat stands at a position and moves on by its stride (1 / weight)
with each lead. Plain stride picks the lowest position; with unequal weights that strays many leads from the exact
share (fifty, with one rep of weight 100 among a hundred of weight 1). Two rules prevent it:

- The *level* is where all seats would stand if leads could be split. With each turn it moves on by 1 / (sum of the
  weights of those who take part), and it is stored: nobody's coming or going moves it.
- Only a seat behind the next level may be picked, and of those the seat whose next stride ends first.

How far a seat stands from the level is how far its rep is from their exact share of the turns they took part in. A rep
who leaves keeps that distance: leaving gains nothing and loses nothing. With fixed members this is the quota method of
Balinski and Young (1975): after any n turns every seat has its exact share rounded up or down. Taking the mean of those
present as the level instead forgives each leaver's remainder, and strays without bound where reps come and go daily.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf, isinf
from typing import NamedTuple

from routing.domain.reps import Seat

TOLERANCE = 1e-9
"""Positions are floats; two that differ by less stand at the same place. Real differences are above 1e-8."""

REBASE_AT = 64.0
"""Where a level is moved back to zero: up to here rounding adds up to less than a tenth of the slack."""


class Rotation(NamedTuple):
    """The seats of one team's pool. `weight` is the sum over those who take part."""

    seats: Mapping[str, Seat]
    weight: float
    level: float = 0.0
    catch_up: int = 0
    """So many leads of what was given without them may a newcomer or returner have."""
    all_able: bool = False
    """Whether everybody takes part."""

    @classmethod
    def from_seats(cls, seats: Iterable[Seat], level: float = 0.0, catch_up: int = 0) -> "Rotation":
        """Return the rotation of these seats.

        Args:
            seats: As stored, looked at now (`Seat.at`). A new rep starts at the level; a returning rep as far from it
                as when they left; a rep with a new weight stays as many leads from their exact share as before.
            level: As stored.
            catch_up: How many of the leads assigned without them a new or returning rep may catch up on.
        """
        found = {}
        for seat in seats:
            took_part, able = seat.taking_part, seat.why_not is None
            position, rested_at = _position_after_weight_change(seat, level), seat.rested_at
            if able and not took_part:
                position, rested_at = _position_after_return(seat, position, level, catch_up), None
            elif took_part and not able:
                rested_at = level
            changed = (position, able, seat.rep.weight, rested_at)
            same = changed == (seat.position, took_part, seat.weight, seat.rested_at)
            found[seat.rep.rep_id] = seat if same else _seat_with(seat, *changed)
        all_able = all(seat.taking_part for seat in found.values())
        return cls(found, _sum_of_weights(found.values()), level, catch_up, all_able)

    def next_seat(self, without: frozenset[str] = frozenset()) -> Seat | None:
        """Return the seat whose turn it is, `without` some reps; None where no seat takes part."""
        limit = self.level + 1 / self.weight - TOLERANCE if self.weight else 0.0
        best = fallback = None
        best_ends = fallback_ends = inf
        for rep_id, seat in self.seats.items():
            if not seat.taking_part or rep_id in without:
                continue
            ends = seat.position + seat.rep.stride
            if ends < best_ends - TOLERANCE and seat.position < limit:
                best, best_ends = seat, ends
            if ends < fallback_ends - TOLERANCE:
                fallback, fallback_ends = seat, ends
        return best or fallback

    def with_assignment(self, rep_id: str, *, in_turn: bool) -> "Rotation":
        """Return the rotation after a rep got one more lead; a rep who can take no more leaves it.

        In turn, the seat moves on by its stride; out of turn (a claim, a named rep) only the load counts.
        """
        before, level = self.seats[rep_id], self.level
        seat = before.with_lead(before.rep.stride if in_turn else 0.0)
        if in_turn and self.weight:
            level += 1 / self.weight
        if seat.why_not is None or not seat.taking_part:
            return Rotation({**self.seats, rep_id: seat}, self.weight, level, self.catch_up, self.all_able)
        seats = {**self.seats, rep_id: replace(seat, taking_part=False, rested_at=level)}
        return Rotation(seats, _sum_of_weights(seats.values()), level, self.catch_up)

    def with_refunded_turn(self, rep_id: str) -> "Rotation":
        """Return the rotation after a turn was taken back, as if its lead had not been assigned."""
        seat = self.seats[rep_id]
        seats = {**self.seats, rep_id: replace(seat, position=seat.position - seat.rep.stride)}
        return self._replace(seats=seats, level=self.level - (1 / self.weight if self.weight else 0.0))

    def with_rebased_level(self) -> "Rotation":
        """Return the rotation with the level moved back to zero once it is far from it, so that floats stay exact."""
        if abs(self.level) < REBASE_AT:
            return self
        moved = {
            rep_id: replace(
                seat,
                position=seat.position - self.level,
                rested_at=None if seat.rested_at is None else seat.rested_at - self.level,
            )
            for rep_id, seat in self.seats.items()
        }
        return self._replace(seats=moved, level=0.0)


def _position_after_weight_change(seat: Seat, level: float) -> float:
    if seat.weight in (None, seat.rep.weight) or isinf(seat.position):
        return seat.position
    base = level if seat.rested_at is None else seat.rested_at
    return base + (seat.position - base) * seat.position_weight / seat.rep.weight


def _position_after_return(seat: Seat, position: float, level: float, catch_up: int) -> float:
    most = catch_up * seat.rep.stride
    if seat.rested_at is None or isinf(position):
        return level - most
    missed = max(0.0, level - seat.rested_at)
    return level + (position - seat.rested_at) - min(missed, most)


def _seat_with(seat: Seat, position: float, able: bool, weight: float, rested_at: float | None) -> Seat:
    return replace(seat, position=position, taking_part=able, weight=weight, rested_at=rested_at)


def _sum_of_weights(seats: Iterable[Seat]) -> float:
    return sum((seat.position_weight for seat in seats if seat.taking_part), 0.0)
