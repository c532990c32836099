"""Commands: what people decide about leads by name, and what is agreed with reps."""

from routing.handlers.commands.calendar_links import replace_calendar_secret, revoke_calendar_link
from routing.handlers.commands.calendar_sources import delete_calendar_source, save_calendar_source
from routing.handlers.commands.leads import (
    MOVED_AT_ONCE,
    CommandResult,
    MoveOrder,
    move_leads,
    pass_on,
    reassign,
    reserve_slot,
    unassign,
)
from routing.handlers.commands.reps import RepPatch, import_absences, parse_calendar_file, put_rep
from routing.handlers.commands.visitors import (
    BookingPage,
    load_booking_page,
    load_meeting_of_visitor,
    reserve_for_visitor,
)

__all__ = [
    "MOVED_AT_ONCE",
    "BookingPage",
    "CommandResult",
    "MoveOrder",
    "RepPatch",
    "delete_calendar_source",
    "import_absences",
    "load_booking_page",
    "load_meeting_of_visitor",
    "move_leads",
    "parse_calendar_file",
    "pass_on",
    "put_rep",
    "reassign",
    "replace_calendar_secret",
    "reserve_for_visitor",
    "reserve_slot",
    "revoke_calendar_link",
    "save_calendar_source",
    "unassign",
]
