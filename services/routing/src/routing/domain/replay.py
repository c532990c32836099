"""A decision, replayed from its record: it must choose the same rep again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf, isinf
from typing import Any, TypedDict

from events.leads import LeadFacts
from routing.domain.accounts import EMPTY, Claim
from routing.domain.context import RoutingContext
from routing.domain.leads import ChoiceInputs
from routing.domain.rep_choice import RepChoice, choose_rep
from routing.domain.reps import Rep, Seat
from routing.domain.rotation import Rotation
from routing.domain.rules import choose_queue_by_rules
from routing.playbook import Capacity, RoutingPlaybook


class StoredRotation(TypedDict):
    """A team's rotation as a snapshot stores it, seat by seat."""

    level: float
    catch_up: int
    seats: list[list[Any]]


class StoredInputs(TypedDict):
    """The inputs of a choice as its decision stores them."""

    turn: int
    claims: list[dict[str, str]]
    without: list[str]
    ahead: bool
    team: str | None


@dataclass(frozen=True, slots=True)
class ReplayCandidate:
    """A seat of the rotation at the moment of a decision; `behind` is how many leads it was behind its exact share."""

    rep_id: str
    weight: float
    behind: float | None
    open: int
    why_not: str | None


@dataclass(frozen=True, slots=True)
class RotationSnapshot:
    """The rotations as a transaction found them, and its assignments in order: (rep, whether in turn)."""

    pools: Mapping[str, Rotation]
    assignments: Sequence[tuple[str, bool]]

    @staticmethod
    def to_json(pools: Mapping[str, Rotation]) -> dict[str, StoredRotation]:
        """Return rotations as JSON, seat by seat."""
        return {
            team: {
                "level": pool.level,
                "catch_up": pool.catch_up,
                "seats": [_seat_to_json(seat) for seat in pool.seats.values()],
            }
            for team, pool in pools.items()
        }

    @classmethod
    def from_json(cls, pools: Mapping[str, StoredRotation], assignments: Sequence[Sequence[Any]]) -> "RotationSnapshot":
        """Return the snapshot that `to_json` wrote."""
        rotations = {
            team: Rotation.from_seats(
                (_seat_from_json(team, row) for row in pool["seats"]), pool["level"], pool["catch_up"]
            )
            for team, pool in pools.items()
        }
        return cls(rotations, [(str(rep_id), bool(in_turn)) for rep_id, in_turn in assignments])

    def rotations_after(self, turn: int) -> dict[str, Rotation]:
        """Return the rotations after the first `turn` assignments."""
        pools = dict(self.pools)
        team_of = {rep_id: team for team, pool in pools.items() for rep_id in pool.seats}
        for rep_id, in_turn in self.assignments[:turn]:
            team = team_of[rep_id]
            pools[team] = pools[team].with_assignment(rep_id, in_turn=in_turn)
        return pools


def replay_choice(
    facts: LeadFacts, inputs: ChoiceInputs, snapshot: RotationSnapshot, playbook: RoutingPlaybook
) -> RepChoice:
    """Choose again from the same inputs."""
    route = choose_queue_by_rules(facts, playbook)
    pools = snapshot.rotations_after(inputs.turn)
    waiting = {route.queue.team: {(route.name, facts.fit): 1}} if inputs.ahead else {}
    team_of = {rep_id: team for team, pool in pools.items() for rep_id in pool.seats}
    context = RoutingContext(playbook, "", pools, waiting, EMPTY, {}, team_of, {}, turn=inputs.turn)
    without = frozenset(inputs.without)
    return choose_rep(
        facts, route, inputs.claims, context, without=without, respect_queue=inputs.ahead, team=inputs.team
    )


def inputs_from_json(stored: StoredInputs) -> ChoiceInputs:
    """Return the inputs of a choice as they were stored."""
    claims = tuple(Claim(**claim) for claim in stored["claims"])
    return ChoiceInputs(stored["turn"], claims, tuple(stored["without"]), stored["ahead"], stored["team"])


def list_seats_as_candidates(pool: Rotation) -> list[ReplayCandidate]:
    """Return every seat of a rotation."""
    return [
        ReplayCandidate(
            seat.rep.rep_id,
            seat.rep.weight,
            round((pool.level - seat.position) * seat.rep.weight, 6) if seat.taking_part else None,
            seat.open,
            seat.why_not,
        )
        for seat in pool.seats.values()
    ]


def _seat_to_json(seat: Seat) -> list[Any]:
    limits = seat.rep.capacity
    return [
        seat.rep.rep_id, seat.rep.role, seat.rep.weight,
        None if isinf(seat.position) else seat.position, seat.rested_at, seat.why_not,
        seat.open, seat.today, seat.this_week, seat.day.isoformat() if seat.day else None,
        [limits.open, limits.per_day, limits.per_week],
    ]  # fmt: skip


def _seat_from_json(team: str, row: Sequence[Any]) -> Seat:
    rep_id, role, weight, position, rested_at, why_not, opened, today, this_week, day, limits = row
    capacity = Capacity(open=limits[0], per_day=limits[1], per_week=limits[2])
    return Seat(
        Rep(rep_id, team, role, weight, capacity),
        position=-inf if position is None else position,
        taking_part=why_not is None,
        weight=weight,
        rested_at=rested_at,
        open=opened,
        day=date.fromisoformat(day) if day else None,
        today=today,
        this_week=this_week,
        why_not=why_not,
    )
