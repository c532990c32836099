"""The use cases: load, decide, save, emit."""

from feedback.handlers.events import (
    on_accounts_changed,
    on_campaigns_announced,
    on_contacts_captured,
    on_contacts_erased,
    on_contacts_merged,
    on_leads_assigned,
    on_leads_qualified,
    on_sla_flagged,
    stall,
    wake,
)
from feedback.handlers.orders import Answer, carry_out
from feedback.handlers.telling import Telling, change_customer, tell

__all__ = [
    "Answer",
    "Telling",
    "carry_out",
    "change_customer",
    "on_accounts_changed",
    "on_campaigns_announced",
    "on_contacts_captured",
    "on_contacts_erased",
    "on_contacts_merged",
    "on_leads_assigned",
    "on_leads_qualified",
    "on_sla_flagged",
    "stall",
    "tell",
    "wake",
]
