"""The lifecycle of a lead as one declared table, and the fold that reads a lead's moves in the order they happened.

A lead's state is never stored as a truth of its own: it is what its moves amount to, sorted by when they happened. So a
fact that is told late finds its place, and the same facts give the same state in whatever order they arrived.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

State = Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "lost", "recycled", "disqualified"]
Step = Literal[
    "accept", "reject", "confirm", "opportunity", "won", "lost", "recycle", "disqualify",
    "return", "escalate", "cool",
]  # fmt: skip

OPEN: frozenset[State] = frozenset({"mql", "accepted", "sal", "sql", "opportunity"})
ENDED: frozenset[State] = frozenset({"recycled", "disqualified"})
OUTCOMES: frozenset[Step] = frozenset({"opportunity", "won", "lost"})
"""What outcomes say wins over what anybody assumed: they are taken in every state."""
BY_BATON: frozenset[Step] = frozenset({"return", "escalate", "cool"})
"""Steps that no person commands: `return` follows a loss, the others follow timers."""

_BACK: tuple[State, ...] = ("recycled", "disqualified")
_OUTCOMES: Mapping[Step, tuple[State, ...]] = {
    "opportunity": ("opportunity",), "won": ("won",), "lost": ("lost",),
}  # fmt: skip
_WORKED: Mapping[Step, tuple[State, ...]] = {
    "reject": ("mql", *_BACK), "recycle": _BACK, "disqualify": _BACK, "escalate": _BACK, **_OUTCOMES,
}  # fmt: skip

TABLE: Mapping[State, Mapping[Step, tuple[State, ...]]] = {
    "mql": {"accept": ("accepted", "sal"), "cool": ("recycled",), **_WORKED},
    "accepted": {"accept": ("accepted", "sal"), "confirm": ("sql",), **_WORKED},
    "sal": {"accept": ("sal",), "confirm": ("sql",), **_WORKED},
    "sql": _WORKED,
    "opportunity": _OUTCOMES,
    "won": {"won": ("won",), "lost": ("lost",), "opportunity": ("won",)},
    "lost": {"return": _BACK, **_OUTCOMES},
    "recycled": _OUTCOMES,
    "disqualified": _OUTCOMES,
}
"""From each state, which steps there are and where each may lead. Whatever is not here is illegal."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step of one lead: who took it, when it really happened, and, where it ends the cycle, what comes next."""

    id: UUID
    step: Step
    at: datetime
    by: str
    role: str | None = None
    owning: tuple[str, ...] = ()
    """The roles whose accept was a SAL by the playbook of that day."""
    to: State | None = None
    """Where a reason decides; None where the step alone does."""
    reason: str | None = None
    track: str | None = None
    wake_at: datetime | None = None
    wakes_on: str | None = None
    has_note: bool = False
    amount: float | None = None
    playbook_version: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lead stands, and when it first reached each stage; all that its moves amount to."""

    state: State = "mql"
    since: datetime | None = None
    """None until the first move counts."""
    accepted_at: datetime | None = None
    sal_at: datetime | None = None
    confirmed_at: datetime | None = None
    opportunity_at: datetime | None = None
    won_at: datetime | None = None
    lost_at: datetime | None = None
    amount: float | None = None
    end: Move | None = None
    """The move that ended the cycle, if it is ended."""
    last_by_people: datetime | None = None
    counted: tuple[UUID, ...] = ()
    """The moves that took effect, in order."""


def legal(state: State) -> tuple[Step, ...]:
    """Name the steps that a person may take from a state."""
    return tuple(sorted(step for step in TABLE[state] if step not in BY_BATON))


def target(state: State, move: Move, roles: Mapping[str, str]) -> State | None:
    """Say where a move leads from a state, or None where it is illegal. `roles` are those of the lead's reps."""
    allowed = TABLE[state].get(move.step)
    if allowed is None:
        return None
    if move.step == "accept":
        owns = (move.role or roles.get(move.by, "")) in move.owning
        return "sal" if owns or state == "sal" else allowed[0]
    if move.to is not None:
        return move.to if move.to in allowed else None
    return allowed[0]


def _when(move: Move) -> tuple[datetime, int, int]:
    if move.step in ("escalate", "cool"):
        return move.at, 1, move.id.int
    return move.at, 0, 0


def fold(moves: Iterable[Move], roles: Mapping[str, str]) -> Standing:
    """Read a lead's moves as they happened. Steps that were illegal where they fall count for nothing.

    Of two moves at one instant the one recorded first comes first, but what people did comes before what a timer
    decided.
    """
    state: State = "mql"
    since = last_by_people = None
    amount = None
    reached: dict[State, datetime] = {}
    end = None
    counted = []
    for move in sorted(moves, key=_when):
        to = target(state, move, roles)
        if to is None:
            continue
        counted.append(move.id)
        if to != state or since is None:
            since = move.at
        state = to
        reached.setdefault("opportunity" if move.step == "opportunity" else to, move.at)
        end = move if to in ENDED else None
        if move.amount is not None:
            amount = move.amount
        if move.step not in BY_BATON:
            last_by_people = move.at
    firsts = [at for at in (reached.get("accepted"), reached.get("sal")) if at is not None]
    return Standing(
        state=state,
        since=since,
        accepted_at=min(firsts, default=None),
        sal_at=reached.get("sal"),
        confirmed_at=reached.get("sql"),
        opportunity_at=reached.get("opportunity"),
        won_at=reached.get("won"),
        lost_at=reached.get("lost"),
        amount=amount,
        end=end,
        last_by_people=last_by_people,
        counted=tuple(counted),
    )
