"""The use cases of routing: events, timers, commands and queries."""

from routing.handlers import queries
from routing.handlers.commands import (
    MOVED_AT_ONCE,
    CommandResult,
    Move,
    RepPatch,
    move,
    pass_on,
    put_absences,
    put_rep,
    reassign,
    reserve,
    unassign,
)
from routing.handlers.errors import LeadUnknown, NoMeeting, QueueUnknown, RepNotFound
from routing.handlers.timers import drain, expire, hand_over, place, redistribute
from routing.handlers.topics import (
    on_accounts_changed,
    on_campaigns_announced,
    on_contacts_erased,
    on_contacts_merged,
    on_contacts_wishes,
    on_leads_qualified,
    on_leads_recycled,
    on_leads_worked,
    on_sla_flagged,
)

__all__ = [
    "MOVED_AT_ONCE",
    "CommandResult",
    "LeadUnknown",
    "Move",
    "NoMeeting",
    "QueueUnknown",
    "RepNotFound",
    "RepPatch",
    "drain",
    "expire",
    "hand_over",
    "move",
    "on_accounts_changed",
    "on_campaigns_announced",
    "on_contacts_erased",
    "on_contacts_merged",
    "on_contacts_wishes",
    "on_leads_qualified",
    "on_leads_recycled",
    "on_leads_worked",
    "on_sla_flagged",
    "pass_on",
    "place",
    "put_absences",
    "put_rep",
    "queries",
    "reassign",
    "redistribute",
    "reserve",
    "unassign",
]
