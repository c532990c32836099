"""A decision, taken again from its record: it comes to the same rep, or the record lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf, isinf
from typing import Any

from events.leads import LeadFacts
from routing.domain.accounts import EMPTY, Claim
from routing.domain.choosing import Choice, choose
from routing.domain.leads import Floor, Grounds
from routing.domain.reps import Rep, Seat
from routing.domain.rotation import Rotation
from routing.domain.rules import route
from routing.playbook import Capacity, RoutingPlaybook

Written = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Scene:
    """The rotations as a transaction found them, and to whom it gave leads, in order: (rep, whether in turn)."""

    pools: Mapping[str, Rotation]
    given: Sequence[tuple[str, bool]]

    @staticmethod
    def written(pools: Mapping[str, Rotation]) -> Written:
        """Write rotations down, seat by seat."""
        return {
            team: {
                "level": pool.level,
                "catch_up": pool.catch_up,
                "seats": [_written(seat) for seat in pool.seats.values()],
            }
            for team, pool in pools.items()
        }

    @classmethod
    def read(cls, pools: Written, given: Sequence[Sequence[Any]]) -> "Scene":
        """Read what `written` wrote."""
        rotations = {
            team: Rotation.of((_read(team, row) for row in pool["seats"]), pool["level"], pool["catch_up"])
            for team, pool in pools.items()
        }
        return cls(rotations, [(str(rep_id), bool(in_turn)) for rep_id, in_turn in given])

    def after(self, turn: int) -> dict[str, Rotation]:
        """Give the rotations as they stood after so many leads were given."""
        pools = dict(self.pools)
        team_of = {rep_id: team for team, pool in pools.items() for rep_id in pool.seats}
        for rep_id, in_turn in self.given[:turn]:
            team = team_of[rep_id]
            pools[team] = pools[team].give(rep_id, in_turn=in_turn)
        return pools


def replay(facts: LeadFacts, grounds: Grounds, scene: Scene, playbook: RoutingPlaybook) -> Choice:
    """Choose again on the same grounds."""
    way = route(facts, playbook)
    pools = scene.after(grounds.turn)
    waiting = {way.queue.team: {(way.name, facts.fit): 1}} if grounds.ahead else {}
    team_of = {rep_id: team for team, pool in pools.items() for rep_id in pool.seats}
    floor = Floor(playbook, "", pools, waiting, EMPTY, {}, team_of, {}, turn=grounds.turn)
    without = frozenset(grounds.without)
    return choose(facts, way, grounds.claims, floor, without=without, in_line=grounds.ahead, team=grounds.team)


def grounds_of(written: Mapping[str, Any]) -> Grounds:
    """Read grounds as they were kept."""
    claims = tuple(Claim(**claim) for claim in written["claims"])
    return Grounds(written["turn"], claims, tuple(written["without"]), written["ahead"], written["team"])


def candidates(pool: Rotation) -> list[dict[str, Any]]:
    """Show everybody in a rotation: how many leads they were behind their exact share, and why they could not."""
    return [
        {
            "rep_id": seat.rep.rep_id,
            "weight": seat.rep.weight,
            "behind": round((pool.level - seat.position) * seat.rep.weight, 6) if seat.taking_part else None,
            "open": seat.open,
            "why_not": seat.why_not,
        }
        for seat in pool.seats.values()
    ]


def _written(seat: Seat) -> list[Any]:
    limits = seat.rep.capacity
    return [
        seat.rep.rep_id, seat.rep.role, seat.rep.weight,
        None if isinf(seat.position) else seat.position, seat.rested_at, seat.why_not,
        seat.open, seat.today, seat.this_week, seat.day.isoformat() if seat.day else None,
        [limits.open, limits.per_day, limits.per_week],
    ]  # fmt: skip


def _read(team: str, row: Sequence[Any]) -> Seat:
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
