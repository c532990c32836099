"""The use cases of sla-monitor: events, timers, commands, queries, and messages to webhooks."""

from sla_monitor.handlers import queries
from sla_monitor.handlers.commands import comment, drop_webhook, put_webhook, retry_delivery, rotate, secret_of
from sla_monitor.handlers.deliveries import deliver, deliver_due
from sla_monitor.handlers.errors import LeadUnknown, WebhookUnknown
from sla_monitor.handlers.settling import AGREEMENT, REPLAN, REPS, WATCH
from sla_monitor.handlers.timers import replan, replan_all, replan_reps, watch
from sla_monitor.handlers.topics import (
    on_contacts_erased,
    on_leads_assigned,
    on_leads_qualified,
    on_leads_recycled,
    on_leads_worked,
    on_reps_changed,
)

__all__ = [
    "AGREEMENT",
    "REPLAN",
    "REPS",
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
    "on_reps_changed",
    "put_webhook",
    "queries",
    "replan",
    "replan_all",
    "replan_reps",
    "retry_delivery",
    "rotate",
    "secret_of",
    "watch",
]
