"""The use cases of routing: what it does with what it hears, with those who wait, and with what people ask."""

from routing.handlers import reads
from routing.handlers.commands import Answer, Wish, pass_on, put_absences, put_rep, reassign
from routing.handlers.errors import LeadUnknown, QueueUnknown, RepNotFound
from routing.handlers.line import drain, expire, hand_over, redistribute
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
    "Answer",
    "LeadUnknown",
    "QueueUnknown",
    "RepNotFound",
    "Wish",
    "drain",
    "expire",
    "hand_over",
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
    "put_absences",
    "put_rep",
    "reads",
    "reassign",
    "redistribute",
]
