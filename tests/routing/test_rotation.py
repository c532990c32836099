"""Whose turn it is: nobody is ever more than one lead away from their exact share (R10, and the traps of rotations)."""

from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from routing.domain import Rotation, Seat
from tests.routing.builders import MONDAY, look_again, rep, rest, rotation

TINY = 1e-6
weights = st.one_of(
    st.sampled_from([0.01, 0.5, 1.0, 1.0, 2.0, 3.0, 100.0]),
    st.integers(1, 10_000).map(lambda hundredths: hundredths / 100),
)


def names(count: int) -> list[str]:
    return [f"rep-{number:03}" for number in range(count)]


def turn(pool: Rotation, without: frozenset[str] = frozenset()) -> tuple[str, Rotation]:
    seat = pool.next_seat(without)
    assert seat is not None
    return seat.rep.rep_id, pool.with_assignment(seat.rep.rep_id, in_turn=True).with_rebased_level()


@settings(deadline=None)
@given(st.lists(weights, min_size=1, max_size=25), st.integers(1, 400))
def test_after_any_number_of_picks_everybody_is_within_one_lead_of_the_exact_share(
    given_weights: list[float], picks: int
) -> None:
    pool = rotation(*(rep(name, weight) for name, weight in zip(names(25), given_weights, strict=False)))
    got: Counter[str] = Counter()
    total = sum(given_weights)
    for pick in range(1, picks + 1):
        chosen, pool = turn(pool)
        got[chosen] += 1
        for name, weight in zip(names(25), given_weights, strict=False):
            assert abs(got[name] - pick * weight / total) < 1 + TINY


def test_one_heavy_rep_among_many_light_ones_is_not_served_first_and_alone() -> None:
    """The example in which plain stride scheduling strays by half of the heavy rep's leads."""
    pool = rotation(rep("heavy", 100.0), *(rep(name) for name in names(100)))
    got: Counter[str] = Counter()
    for _ in range(100):
        chosen, pool = turn(pool)
        got[chosen] += 1
    assert got["heavy"] == 50


def test_equal_reps_take_turns() -> None:
    pool = rotation(*(rep(name) for name in names(3)))
    order = []
    for _ in range(6):
        chosen, pool = turn(pool)
        order.append(chosen)
    assert order == names(3) * 2


@settings(deadline=None)
@given(st.lists(weights, min_size=1, max_size=8), st.lists(st.one_of(st.none(), weights), max_size=150))
def test_newcomers_get_their_exact_share_from_the_day_they_come_and_disturb_nobodys(
    first: list[float], then: list[float | None]
) -> None:
    """A pick, or somebody new: each is within one lead of the share that is theirs since they came."""
    seats = dict(zip(names(8), first, strict=False))
    pool = rotation(*(rep(name, weight) for name, weight in seats.items()))
    got: Counter[str] = Counter()
    share: defaultdict[str, float] = defaultdict(float)
    for step, weight in enumerate(then):
        if weight is not None:
            newcomer = f"new-{step:03}"
            seats[newcomer] = weight
            pool = look_again(pool, [*pool.seats.values(), Seat(rep(newcomer, weight)).at_instant(MONDAY)])
            continue
        chosen, pool = turn(pool)
        got[chosen] += 1
        for name, own in seats.items():
            share[name] += own / sum(seats.values())
            assert abs(got[name] - share[name]) < 1 + TINY


def test_who_returns_after_a_long_absence_is_not_flooded() -> None:
    """Trap: a returning member must not catch up with what was given while they were away."""
    pool = rotation(rep("away"), rep("here"))
    pool = rest(pool, ["away"])
    for _ in range(100):
        chosen, pool = turn(pool)
        assert chosen == "here"
    pool = rest(pool, ["away"], None)
    order = []
    for _ in range(10):
        chosen, pool = turn(pool)
        order.append(chosen)
    assert Counter(order) == {"away": 5, "here": 5}


def test_who_leaves_right_after_a_lead_and_returns_does_not_get_the_next_one_again() -> None:
    """Pausing for a moment is no way to jump the rotation."""
    pool = rotation(rep("a", 0.5), rep("b", 0.5), rep("c", 0.5))
    chosen, pool = turn(pool)
    for why_not in ("paused", None):
        pool = rest(pool, [chosen], why_not)
    others = {turn(pool)[0], turn(turn(pool)[1])[0]}
    assert chosen not in others


@pytest.mark.parametrize(("before", "after"), [(1.0, 100.0), (100.0, 1.0), (0.01, 5.0)])
def test_another_weight_counts_from_now_on_and_neither_starves_nor_floods(before: float, after: float) -> None:
    pool = rotation(rep("changed", before), rep("b"), rep("c"))
    for _ in range(7):
        _, pool = turn(pool)
    pool = look_again(
        pool,
        (
            replace(seat, rep=rep("changed", after)) if seat.rep.rep_id == "changed" else seat
            for seat in pool.seats.values()
        ),
    )
    got: Counter[str] = Counter()
    for _ in range(200):
        chosen, pool = turn(pool)
        got[chosen] += 1
    assert abs(got["changed"] - 200 * after / (after + 2)) < 2


@settings(deadline=None)
@given(st.lists(weights, min_size=2, max_size=6))
def test_moving_the_zero_changes_nobodys_turn(given_weights: list[float]) -> None:
    """Positions are moved back to zero once they are large; the order of turns stays what it would have been."""
    plain = moved = rotation(*(rep(name, weight) for name, weight in zip(names(6), given_weights, strict=False)))
    for _ in range(300):
        seat, other = plain.next_seat(), moved.next_seat()
        assert seat
        assert other
        assert seat.rep.rep_id == other.rep.rep_id
        plain = plain.with_assignment(seat.rep.rep_id, in_turn=True)
        moved = moved.with_assignment(other.rep.rep_id, in_turn=True).with_rebased_level()


def test_positions_stay_small_after_many_leads_and_who_rests_keeps_their_distance() -> None:
    pool = rotation(rep("a", 0.01), rep("b", 0.01), rep("c", 0.01), rep("d", 0.01))
    first, pool = turn(pool)
    pool = rest(pool, [first], "left")
    ahead = pool.seats[first].position - pool.level
    for _ in range(12):
        _, pool = turn(pool)
        assert abs(pool.level) < 64
    back = rest(pool, [first], None)
    assert back.seats[first].position - back.level == pytest.approx(ahead)


def test_who_may_catch_up_gets_so_many_of_the_leads_that_were_given_without_them() -> None:
    """The setting `catch_up`: half of the twenty would have been theirs; four they may have at once."""
    pool = rotation(rep("away"), rep("here"), catch_up=4)
    pool = rest(pool, ["away"])
    for _ in range(20):
        _, pool = turn(pool)
    pool = rest(pool, ["away"], None)
    order = []
    for _ in range(24):
        chosen, pool = turn(pool)
        order.append(chosen)
    assert Counter(order[:4]) == {"away": 4}
    assert Counter(order) == {"away": 14, "here": 10}


def test_nobody_catches_up_more_than_they_missed() -> None:
    pool = rotation(rep("away"), rep("here"), catch_up=100)
    pool = rest(pool, ["away"])
    for _ in range(3):
        _, pool = turn(pool)
    pool = rest(pool, ["away"], None)
    order = []
    for _ in range(13):
        chosen, pool = turn(pool)
        order.append(chosen)
    assert Counter(order) == {"away": 8, "here": 5}


def test_a_turn_that_brought_junk_is_given_back() -> None:
    pool = rotation(rep("a"), rep("b"), rep("c"))
    for _ in range(3):
        _, pool = turn(pool)
    pool = pool.with_refunded_turn("b")
    order = []
    for _ in range(4):
        chosen, pool = turn(pool)
        order.append(chosen)
    assert Counter(order) == {"b": 2, "a": 1, "c": 1}
    assert pool.level == pytest.approx(2.0)


def test_who_rests_has_their_turn_back_when_they_return_and_an_empty_pool_has_no_level_to_move() -> None:
    pool = rotation(rep("a"), rep("b"))
    first, pool = turn(pool)
    pool = rest(pool, ["a", "b"]).with_refunded_turn(first)
    assert pool.weight == 0
    pool = rest(pool, ["a", "b"], None)
    assert turn(pool)[0] == first


class AnyLife(RuleBasedStateMachine):
    """Reps come, rest, return, leave and change weight between picks, in any order, for as long as they like.

    Each pick gives everybody who is there their share of it. What each has got never strays two leads from that; nobody
    who rests is picked; somebody is picked when anybody can be.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pool = rotation()
        self.got: Counter[str] = Counter()
        self.share: defaultdict[str, float] = defaultdict(float)

    def able(self) -> list[str]:
        return [name for name, seat in self.pool.seats.items() if seat.taking_part]

    @initialize(first=st.lists(weights, min_size=1, max_size=5))
    def begin(self, first: list[float]) -> None:
        for weight in first:
            self.come(weight)

    @rule(weight=weights)
    def come(self, weight: float) -> None:
        name = f"rep-{len(self.pool.seats):03}"
        self.pool = look_again(self.pool, [*self.pool.seats.values(), Seat(rep(name, weight)).at_instant(MONDAY)])

    @precondition(lambda self: self.pool.seats)
    @rule(data=st.data(), why_not=st.sampled_from(["paused", None]))
    def rest_or_return(self, data: st.DataObject, why_not: str | None) -> None:
        name = data.draw(st.sampled_from(sorted(self.pool.seats)))
        self.pool = rest(self.pool, [name], why_not)

    @precondition(lambda self: self.able())
    @rule()
    def who_is_furthest_ahead_leaves(self) -> None:
        self.pool = rest(self.pool, [max(self.able(), key=lambda name: self.got[name] - self.share[name])])

    @rule()
    def all_go_home_and_come_back(self) -> None:
        everybody = list(self.pool.seats)
        self.pool = rest(rest(self.pool, everybody, "not at work"), everybody, None)

    @precondition(lambda self: self.pool.seats)
    @rule(data=st.data(), weight=weights)
    def weigh_anew(self, data: st.DataObject, weight: float) -> None:
        name = data.draw(st.sampled_from(sorted(self.pool.seats)))
        self.pool = look_again(
            self.pool,
            (
                replace(seat, rep=rep(name, weight)) if seat.rep.rep_id == name else seat
                for seat in self.pool.seats.values()
            ),
        )

    @rule(picks=st.integers(1, 30))
    def pick(self, picks: int) -> None:
        for _ in range(picks):
            able = self.able()
            seat = self.pool.next_seat()
            if not able:
                assert seat is None
                return
            assert seat is not None
            assert seat.rep.rep_id in able
            for name in able:
                self.share[name] += self.pool.seats[name].rep.weight / self.pool.weight
            self.got[seat.rep.rep_id] += 1
            self.pool = self.pool.with_assignment(seat.rep.rep_id, in_turn=True).with_rebased_level()

    @invariant()
    def nobody_strays_from_their_share(self) -> None:
        for name in self.pool.seats:
            assert abs(self.got[name] - self.share[name]) < 2

    @invariant()
    def how_far_a_seat_stands_from_the_level_is_how_far_its_rep_is_from_their_share(self) -> None:
        for name in self.able():
            seat = self.pool.seats[name]
            ahead = (seat.position - self.pool.level) * seat.rep.weight
            assert ahead == pytest.approx(self.got[name] - self.share[name], abs=TINY)


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(deadline=None, max_examples=100, stateful_step_count=40)
