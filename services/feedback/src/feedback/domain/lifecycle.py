"""The lifecycle of a lead as one declared table, and the fold that reads a lead's moves in the order they happened.

A lead's state is never stored as a truth of its own: it is what its moves amount to, sorted by when they happened. So a
fact that arrives late finds its place, and the same facts give the same state in whatever order they arrived.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Literal, TypedDict
from uuid import UUID

State = Literal[
    "mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified",
]  # fmt: skip
Step = Literal[
    "accept", "reject", "confirm", "opportunity", "won", "lost", "recycle", "disqualify",
    "return", "escalate", "cool", "withdraw", "merge", "grow", "churn", "hand_back",
]  # fmt: skip

OPEN: frozenset[State] = frozenset({"mql", "accepted", "sal", "sql", "opportunity"})
ENDED: frozenset[State] = frozenset({"recycled", "disqualified"})
OUTCOMES: frozenset[Step] = frozenset({"opportunity", "won", "lost"})
"""Outcomes win over what anybody assumed: they are taken in every state."""
BY_BATON: frozenset[Step] = frozenset({"return", "escalate", "cool", "merge"})
"""Steps that no person commands: `return` follows a loss, `merge` a second open lead, the others follow timers."""
BY_CONTACT: frozenset[Step] = frozenset({"withdraw"})
"""A step of the contact's own: they refuse to be spoken to, or put it off."""
COOLED = "cooled"
TAKEN_BACK: Mapping[str, tuple[Step, str, str]] = {
    COOLED: ("cool", "scoring", COOLED),
    "no_basis": ("withdraw", "contact", "no_basis"),
    "not_now": ("withdraw", "contact", "not_ready"),
}
"""Reasons for which routing takes a lead back by itself: which step that is, whose, and the reason in the playbook."""
BY_CUSTOMER_SUCCESS: frozenset[Step] = frozenset({"grow", "churn", "hand_back"})
"""Steps of the customer, not of the lead."""

_BACK: tuple[State, ...] = ("recycled", "disqualified")
_OUTCOMES: Mapping[Step, tuple[State, ...]] = {
    "opportunity": ("opportunity",), "won": ("won",), "lost": ("lost",),
}  # fmt: skip
_WORKED: Mapping[Step, tuple[State, ...]] = {
    "reject": ("mql", *_BACK), "recycle": _BACK, "disqualify": _BACK, "escalate": _BACK,
    "merge": ("recycled",), "withdraw": _BACK, **_OUTCOMES,
}  # fmt: skip
_KEPT: Mapping[Step, tuple[State, ...]] = {
    "lost": ("lost",), "grow": ("customer",), "churn": ("recycled",), "hand_back": ("recycled",),
}  # fmt: skip

TABLE: Mapping[State, Mapping[Step, tuple[State, ...]]] = {
    "mql": {"accept": ("accepted", "sal"), "cool": ("recycled",), **_WORKED},
    "accepted": {"accept": ("accepted", "sal"), "confirm": ("sql",), **_WORKED},
    "sal": {"accept": ("sal",), "confirm": ("sql",), **_WORKED},
    "sql": _WORKED,
    "opportunity": {"withdraw": _BACK, **_OUTCOMES},
    "won": {"won": ("won",), "opportunity": ("won",), **_KEPT},
    "customer": {"won": ("customer",), "opportunity": ("customer",), **_KEPT},
    "lost": {"return": _BACK, **_OUTCOMES},
    "recycled": _OUTCOMES,
    "disqualified": _OUTCOMES,
}
"""From each state, which steps there are and where each may lead. Whatever is not here is illegal."""

AROUND: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "suspect": {"engage": ("prospect",), "qualify": ("mql",)},
    "prospect": {"qualify": ("mql",)},
    "recycled": {"wake": ("mql",)},
    "disqualified": {"wake": ("mql",)},
}
"""What leads into the table and on from it. These steps are taken elsewhere: a contact becomes a lead in scoring, and
after a wake-up it is there that the next cycle is opened."""

_SAL_OR_FURTHER: tuple[State, ...] = ("sal", "sql", "opportunity", "won")

FINER: Mapping[str, State] = {"sqo": "opportunity", "unreachable": "recycled"}
"""Stages that are a state under a condition: a confirmed lead's opportunity; a return because nobody got through."""


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
    """When it was taken by sales, or got further than that: who is SQL, has an opportunity or is won was SAL before."""
    confirmed_at: datetime | None = None
    opportunity_at: datetime | None = None
    won_at: datetime | None = None
    lost_at: datetime | None = None
    amount: float | None = None
    grown: float = 0.0
    """What the customer added after the win."""
    left_at: datetime | None = None
    """When it left the state in which every lead begins."""
    spent: Mapping[State, float] = field(default_factory=dict)
    """Seconds in each later state that it has left."""
    end: Move | None = None
    """The move that ended the cycle, if it is ended."""
    ended_from: State | None = None
    """The state that the end led out of."""
    last_by_people: datetime | None = None
    counted: tuple[UUID, ...] = ()
    """The moves that took effect, in order."""


UNMOVED = Standing()


@cache
def legal_steps_for_people(state: State) -> tuple[Step, ...]:
    """Name the steps that a person may take from a state."""
    return tuple(sorted(step for step in TABLE[state] if step not in BY_BATON | BY_CONTACT | BY_CUSTOMER_SUCCESS))


def find_target_state(state: State, move: Move, roles: Mapping[str, str]) -> State | None:
    """Return where a move leads from a state, or None where it is illegal. `roles` are those of the lead's reps."""
    allowed = TABLE[state].get(move.step)
    if allowed is None:
        return None
    if move.step == "accept":
        owns = (move.role or roles.get(move.by, "")) in move.owning
        return "sal" if owns or state == "sal" else allowed[0]
    if move.to is not None:
        return move.to if move.to in allowed else None
    return allowed[0]


def _move_sort_key(move: Move) -> tuple[datetime, int, int]:
    if move.step in ("escalate", "cool", "withdraw"):
        return move.at, 1, move.id.int
    return move.at, 0, 0


def fold_moves(moves: Iterable[Move], roles: Mapping[str, str]) -> Standing:
    """Read a lead's moves as they happened. Steps that were illegal where they fall count for nothing.

    Of two moves at one instant the one recorded first comes first, but what people did comes before what a timer
    decided.
    """
    state: State = "mql"
    before: State = "mql"
    since = entered = left_at = None
    reached: dict[str, datetime] = {}
    spent: dict[State, float] = {}
    counted: list[Move] = []
    for move in sorted(moves, key=_move_sort_key):
        to = find_target_state(state, move, roles)
        if to is None:
            continue
        counted.append(move)
        if to != state:
            if entered is None:
                left_at = move.at
            else:
                spent[state] = spent.get(state, 0.0) + (move.at - entered).total_seconds()
            entered = move.at
        if to != state or since is None:
            since = move.at
        before, state = state, to
        reached.setdefault("opportunity" if move.step == "opportunity" else to, move.at)
        if move.step == "lost":
            reached.pop("won", None)
    return Standing(
        state=state,
        since=since,
        accepted_at=min((reached[stage] for stage in ("accepted", *_SAL_OR_FURTHER) if stage in reached), default=None),
        sal_at=min((reached[stage] for stage in _SAL_OR_FURTHER if stage in reached), default=None),
        confirmed_at=reached.get("sql"),
        opportunity_at=reached.get("opportunity"),
        won_at=reached.get("won"),
        lost_at=reached.get("lost"),
        left_at=left_at,
        spent=spent,
        end=counted[-1] if state in ENDED else None,
        ended_from=before if state in ENDED else None,
        counted=tuple(move.id for move in counted),
        **_summarize_moves(counted),
    )


class _MovesSummary(TypedDict):
    amount: float | None
    grown: float
    last_by_people: datetime | None


def _summarize_moves(counted: Sequence[Move]) -> _MovesSummary:
    """Return what moves add up to beside the state: the money, and when people last took a step."""
    amounts = [move.amount for move in counted if move.amount is not None and move.step != "grow"]
    people = [move.at for move in counted if move.step not in BY_BATON]
    return {
        "amount": amounts[-1] if amounts else None,
        "grown": sum(move.amount or 0.0 for move in counted if move.step == "grow"),
        "last_by_people": people[-1] if people else None,
    }
