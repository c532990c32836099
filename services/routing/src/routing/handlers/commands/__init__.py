"""Commands: what people decide about leads by name, and what is agreed with reps."""

from routing.handlers.commands.leads import (
    MOVED_AT_ONCE,
    CommandResult,
    Move,
    move,
    pass_on,
    reassign,
    reserve,
    unassign,
)
from routing.handlers.commands.reps import RepPatch, put_absences, put_rep

__all__ = [
    "MOVED_AT_ONCE",
    "CommandResult",
    "Move",
    "RepPatch",
    "move",
    "pass_on",
    "put_absences",
    "put_rep",
    "reassign",
    "reserve",
    "unassign",
]
