"""The use cases: hear what happened to a lead, look at it when its timer falls due, tell whoever asked to be told."""

from sla_monitor.handlers.deliveries import deliver, deliver_due
from sla_monitor.handlers.leads import (
    AGREEMENT,
    REPLAN,
    WATCH,
    LeadUnknown,
    comment,
    look_again,
    on_contacts_erased,
    on_leads_assigned,
    on_leads_qualified,
    on_leads_recycled,
    on_leads_worked,
    replan,
    watch,
)
from sla_monitor.handlers.webhooks import WebhookUnknown, again, drop_webhook, put_webhook, rotate, secret_of

__all__ = [
    "AGREEMENT",
    "REPLAN",
    "WATCH",
    "LeadUnknown",
    "WebhookUnknown",
    "again",
    "comment",
    "deliver",
    "deliver_due",
    "drop_webhook",
    "look_again",
    "on_contacts_erased",
    "on_leads_assigned",
    "on_leads_qualified",
    "on_leads_recycled",
    "on_leads_worked",
    "put_webhook",
    "replan",
    "rotate",
    "secret_of",
    "watch",
]
