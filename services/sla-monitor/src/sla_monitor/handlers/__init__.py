"""The use cases of sla-monitor: events, timers, commands, queries, and messages to webhooks."""

from sla_monitor.handlers import queries
from sla_monitor.handlers.commands import (
    delete_webhook,
    derive_secret,
    retry_delivery,
    rotate_secret,
    save_comment,
    save_webhook,
)
from sla_monitor.handlers.deliveries import send_due_messages, send_messages_forever
from sla_monitor.handlers.errors import LeadUnknown, WebhookUnknown
from sla_monitor.handlers.settling import AGREEMENT, REPLAN, REPS, WATCH
from sla_monitor.handlers.timers import flag_due_clocks, replan_leads, schedule_replan_of_all, schedule_replan_of_reps
from sla_monitor.handlers.topic_handlers import (
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
    "delete_webhook",
    "derive_secret",
    "flag_due_clocks",
    "on_contacts_erased",
    "on_leads_assigned",
    "on_leads_qualified",
    "on_leads_recycled",
    "on_leads_worked",
    "on_reps_changed",
    "queries",
    "replan_leads",
    "retry_delivery",
    "rotate_secret",
    "save_comment",
    "save_webhook",
    "schedule_replan_of_all",
    "schedule_replan_of_reps",
    "send_due_messages",
    "send_messages_forever",
]
