"""The use cases of sla-monitor: events, timers, commands, queries, and messages to webhooks."""

from sla_monitor.handlers import queries
from sla_monitor.handlers.commands import comment, drop_webhook, put_webhook, retry_delivery, rotate, secret_of
from sla_monitor.handlers.deliveries import deliver, deliver_due
from sla_monitor.handlers.errors import LeadUnknown, WebhookUnknown
from sla_monitor.handlers.settling import AGREEMENT, REPLAN, WATCH
from sla_monitor.handlers.timers import replan, replan_all, watch
from sla_monitor.handlers.topics import (
    on_contacts_erased,
    on_leads_assigned,
    on_leads_qualified,
    on_leads_recycled,
    on_leads_worked,
)

__all__ = [
    "AGREEMENT",
    "REPLAN",
    "WATCH",
    "LeadUnknown",
    "WebhookUnknown",
    "comment",
    "deliver",
    "deliver_due",
    "drop_webhook",
    "on_contacts_erased",
    "on_leads_assigned",
    "on_leads_qualified",
    "on_leads_recycled",
    "on_leads_worked",
    "put_webhook",
    "queries",
    "replan",
    "replan_all",
    "retry_delivery",
    "rotate",
    "secret_of",
    "watch",
]
