"""Whose turn it is: nobody is ever more than one lead away from their exact share (R10, and the traps of rotations)."""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from routing.domain import Rotation, Seat
from tests.routing.office import MONDAY, rep, rotation

TINY = 1e-6
weights = st.one_of(
    st.sampled_from([0.01, 0.5, 1.0, 1.0, 2.0, 3.0, 100.0]),
    st.integers(1, 10_000).map(lambda hundredths: hundredths / 100),
)


def names(count: int) -> list[str]:
    return [f"rep-{number:03}" for number in range(count)]


def turn(room: Rotation, without: frozenset[str] = frozenset()) -> tuple[str, Rotation]:
    seat = room.next(without)
    assert seat is not None
    return seat.rep.rep_id, room.give(seat.rep.rep_id, in_turn=True).rebased()


@settings(deadline=None)
@given(st.lists(weights, min_size=1, max_size=25), st.integers(1, 400))
def test_after_any_number_of_picks_everybody_is_within_one_lead_of_the_exact_share(
    given_weights: list[float], picks: int
) -> None:
    room = rotation(*(rep(name, weight) for name, weight in zip(names(25), given_weights, strict=False)))
    got: Counter[str] = Counter()
    total = sum(given_weights)
    for pick in range(1, picks + 1):
        chosen, room = turn(room)
        got[chosen] += 1
        for name, weight in zip(names(25), given_weights, strict=False):
            assert abs(got[name] - pick * weight / total) < 1 + TINY


def test_one_heavy_rep_among_many_light_ones_is_not_served_first_and_alone() -> None:
    """The example in which plain stride scheduling strays by half of the heavy rep's leads."""
    room = rotation(rep("heavy", 100.0), *(rep(name) for name in names(100)))
    got: Counter[str] = Counter()
    for _ in range(100):
        chosen, room = turn(room)
        got[chosen] += 1
    assert got["heavy"] == 50


def test_equal_reps_take_turns() -> None:
    room = rotation(*(rep(name) for name in names(3)))
    order = []
    for _ in range(6):
        chosen, room = turn(room)
        order.append(chosen)
    assert order == names(3) * 2


@settings(deadline=None)
@given(st.lists(weights, min_size=1, max_size=8), st.lists(st.one_of(st.none(), weights), max_size=150))
def test_newcomers_get_their_exact_share_from_the_day_they_come_and_disturb_nobodys(
    first: list[float], then: list[float | None]
) -> None:
    """A pick, or somebody new: each is within one lead of the share that is theirs since they came."""
    seats = dict(zip(names(8), first, strict=False))
    room = rotation(*(rep(name, weight) for name, weight in seats.items()))
    got: Counter[str] = Counter()
    share: defaultdict[str, float] = defaultdict(float)
    for step, weight in enumerate(then):
        if weight is not None:
            newcomer = f"new-{step:03}"
            seats[newcomer] = weight
            room = Rotation.of([*room.seats.values(), Seat(rep(newcomer, weight)).at(MONDAY.date())])
            continue
        chosen, room = turn(room)
        got[chosen] += 1
        for name, own in seats.items():
            share[name] += own / sum(seats.values())
            assert abs(got[name] - share[name]) < 1 + TINY


def test_who_returns_after_a_long_absence_is_not_flooded() -> None:
    """Trap: a returning member must not catch up with what was given while they were away."""
    room = rotation(rep("away"), rep("here"))
    room = Rotation.of(
        replace(seat, why_not="paused" if seat.rep.rep_id == "away" else None) for seat in room.seats.values()
    )
    for _ in range(100):
        chosen, room = turn(room)
        assert chosen == "here"
    room = Rotation.of(replace(seat, why_not=None) for seat in room.seats.values())
    order = []
    for _ in range(10):
        chosen, room = turn(room)
        order.append(chosen)
    assert Counter(order) == {"away": 5, "here": 5}


def test_who_leaves_right_after_a_lead_and_returns_does_not_get_the_next_one_again() -> None:
    """Pausing for a moment is no way to jump the rotation."""
    room = rotation(rep("a", 0.5), rep("b", 0.5), rep("c", 0.5))
    chosen, room = turn(room)
    for why_not in ("paused", None):
        room = Rotation.of(
            replace(seat, why_not=why_not if seat.rep.rep_id == chosen else None) for seat in room.seats.values()
        )
    others = {turn(room)[0], turn(turn(room)[1])[0]}
    assert chosen not in others


@pytest.mark.parametrize(("before", "after"), [(1.0, 100.0), (100.0, 1.0), (0.01, 5.0)])
def test_another_weight_counts_from_now_on_and_neither_starves_nor_floods(before: float, after: float) -> None:
    room = rotation(rep("changed", before), rep("b"), rep("c"))
    for _ in range(7):
        _, room = turn(room)
    room = Rotation.of(
        replace(seat, rep=rep("changed", after)) if seat.rep.rep_id == "changed" else seat
        for seat in room.seats.values()
    )
    got: Counter[str] = Counter()
    for _ in range(200):
        chosen, room = turn(room)
        got[chosen] += 1
    assert abs(got["changed"] - 200 * after / (after + 2)) < 2


@settings(deadline=None)
@given(st.lists(weights, min_size=2, max_size=6))
def test_moving_the_zero_changes_nobodys_turn(given_weights: list[float]) -> None:
    """Positions are moved back to zero once they are large; the order of turns stays what it would have been."""
    plain = moved = rotation(*(rep(name, weight) for name, weight in zip(names(6), given_weights, strict=False)))
    for _ in range(300):
        seat, other = plain.next(), moved.next()
        assert seat
        assert other
        assert seat.rep.rep_id == other.rep.rep_id
        plain = plain.give(seat.rep.rep_id, in_turn=True)
        moved = moved.give(other.rep.rep_id, in_turn=True).rebased()


def test_positions_stay_small_after_many_leads_and_who_rests_keeps_what_they_are_ahead() -> None:
    room = rotation(rep("a", 0.01), rep("b", 0.01), rep("c", 0.01), rep("d", 0.01))
    first, room = turn(room)
    room = Rotation.of(
        replace(seat, why_not="left" if seat.rep.rep_id == first else None) for seat in room.seats.values()
    )
    ahead = room.seats[first].position - room.level
    for _ in range(12):
        _, room = turn(room)
        assert abs(room.level) < 64
    assert 0.0 <= room.seats[first].position <= ahead


class AnyLife(RuleBasedStateMachine):
    """Reps come, rest, return, leave and change weight between picks, in any order.

    What must hold is told in strides (leads divided by weight): no two who were there all the while are further apart
    than the longest stride of anybody ever, twice; nobody who rests is picked; somebody is picked when anybody can be.
    """

    def __init__(self) -> None:
        super().__init__()
        self.room = rotation()
        self.together: dict[frozenset[str], dict[str, float]] = {}
        self.longest = 0.0

    def able(self) -> list[str]:
        return [name for name, seat in self.room.seats.items() if seat.taking_part]

    def _reset(self, name: str) -> None:
        self.together = {pair: got for pair, got in self.together.items() if name not in pair}
        for other in self.able():
            if other != name and name in self.able():
                self.together[frozenset({name, other})] = {name: 0.0, other: 0.0}

    @initialize(first=st.lists(weights, min_size=1, max_size=5))
    def begin(self, first: list[float]) -> None:
        for weight in first:
            self.come(weight)

    @rule(weight=weights)
    def come(self, weight: float) -> None:
        name = f"rep-{len(self.room.seats):03}"
        self.longest = max(self.longest, 1 / weight)
        self.room = Rotation.of([*self.room.seats.values(), Seat(rep(name, weight)).at(MONDAY.date())])
        self._reset(name)

    @precondition(lambda self: self.room.seats)
    @rule(data=st.data(), why_not=st.sampled_from(["paused", None]))
    def rest_or_return(self, data: st.DataObject, why_not: str | None) -> None:
        name = data.draw(st.sampled_from(sorted(self.room.seats)))
        was = self.room.seats[name].taking_part
        self.room = Rotation.of(
            replace(seat, why_not=why_not) if seat.rep.rep_id == name else seat for seat in self.room.seats.values()
        )
        if was != (why_not is None):
            self._reset(name)

    @precondition(lambda self: self.room.seats)
    @rule(data=st.data(), weight=weights)
    def weigh_anew(self, data: st.DataObject, weight: float) -> None:
        name = data.draw(st.sampled_from(sorted(self.room.seats)))
        self.longest = max(self.longest, 1 / weight)
        self.room = Rotation.of(
            replace(seat, rep=rep(name, weight)) if seat.rep.rep_id == name else seat
            for seat in self.room.seats.values()
        )
        self._reset(name)

    @rule(picks=st.integers(1, 30))
    def pick(self, picks: int) -> None:
        for _ in range(picks):
            able = self.able()
            seat = self.room.next()
            if not able:
                assert seat is None
                return
            assert seat is not None
            assert seat.rep.rep_id in able
            self.room = self.room.give(seat.rep.rep_id, in_turn=True).rebased()
            for pair, got in self.together.items():
                if seat.rep.rep_id in pair:
                    got[seat.rep.rep_id] += seat.rep.stride

    @invariant()
    def nobody_runs_away(self) -> None:
        for first, second in combinations(self.able(), 2):
            got = self.together[frozenset({first, second})]
            assert abs(got[first] - got[second]) <= 2 * self.longest + TINY

    @invariant()
    def the_level_is_the_weighted_mean(self) -> None:
        seats = [seat for seat in self.room.seats.values() if seat.taking_part]
        if seats:
            mean = sum(seat.rep.weight * seat.position for seat in seats) / sum(seat.rep.weight for seat in seats)
            assert abs(mean - self.room.level) < TINY


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
