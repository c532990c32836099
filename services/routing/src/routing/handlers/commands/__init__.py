"""Commands: what people decide about leads by name, and what is agreed with reps."""

from routing.handlers.commands.calendar_links import make_calendar_link, revoke_calendar_link
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
from routing.handlers.commands.visitors import Offer, meeting_for_visitor, offer, reserve_for_visitor

__all__ = [
    "MOVED_AT_ONCE",
    "CommandResult",
    "Move",
    "Offer",
    "RepPatch",
    "make_calendar_link",
    "meeting_for_visitor",
    "move",
    "offer",
    "pass_on",
    "put_absences",
    "put_rep",
    "reassign",
    "reserve",
    "reserve_for_visitor",
    "revoke_calendar_link",
    "unassign",
]
