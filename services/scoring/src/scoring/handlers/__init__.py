"""The use cases: load, decide, save, emit."""

from scoring.handlers.asked import explain, outcomes, override, volumes
from scoring.handlers.deciding import ACCOUNT, COOL, RECONSIDER
from scoring.handlers.topics import (
    cool,
    on_accounts_changed,
    on_contacts_captured,
    on_contacts_erased,
    on_contacts_merged,
    on_leads_recycled,
    on_leads_worked,
    reconsider,
    weigh_accounts,
)

__all__ = [
    "ACCOUNT",
    "COOL",
    "RECONSIDER",
    "cool",
    "explain",
    "on_accounts_changed",
    "on_contacts_captured",
    "on_contacts_erased",
    "on_contacts_merged",
    "on_leads_recycled",
    "on_leads_worked",
    "outcomes",
    "override",
    "reconsider",
    "volumes",
    "weigh_accounts",
]
