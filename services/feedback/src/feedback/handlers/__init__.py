"""The use cases: load, decide, save, emit."""

from feedback.handlers.activities import Found, Identities, find_leads, waiting_activities
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
from feedback.handlers.folding import fold, fold_some
from feedback.handlers.loop import approve, on_playbooks_activated, propose
from feedback.handlers.orders import Answer, carry_out
from feedback.handlers.telling import Telling, change_customer, tell

__all__ = [
    "Answer",
    "Found",
    "Identities",
    "Telling",
    "approve",
    "carry_out",
    "change_customer",
    "find_leads",
    "fold",
    "fold_some",
    "on_accounts_changed",
    "on_campaigns_announced",
    "on_contacts_captured",
    "on_contacts_erased",
    "on_contacts_merged",
    "on_leads_assigned",
    "on_leads_qualified",
    "on_playbooks_activated",
    "on_sla_flagged",
    "propose",
    "stall",
    "tell",
    "waiting_activities",
    "wake",
]
