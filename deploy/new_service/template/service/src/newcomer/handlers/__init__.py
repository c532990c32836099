"""The use cases of newcomer: events, timers, commands, queries."""

from newcomer.handlers.commands import handle
from newcomer.handlers.errors import CaseUnknown
from newcomer.handlers.queries import list_open
from newcomer.handlers.timers import TIMERS
from newcomer.handlers.topic_handlers import on_contacts_erased, on_leads_lifecycle

__all__ = ["TIMERS", "CaseUnknown", "handle", "list_open", "on_contacts_erased", "on_leads_lifecycle"]
