"""All SQL of sla-monitor, set-based: one function a query."""

from sla_monitor.store.audit import audit
from sla_monitor.store.counts import counts
from sla_monitor.store.deliveries import (
    claim,
    disable,
    drop_webhook,
    flooded,
    fold,
    list_deliveries,
    lock_webhooks,
    put_webhook,
    record,
    release,
    retry,
    rotate,
    save_messages,
    tidy,
    webhooks,
)
from sla_monitor.store.erasure import erase
from sla_monitor.store.leads import (
    Watched,
    drop_clocks,
    load_agreements,
    load_leads,
    save,
    schedule_replans,
)
from sla_monitor.store.rep_calendars import save_rep_calendars, schedule_replans_of_reps
from sla_monitor.store.reports import compliance, list_breaches, list_clocks
from sla_monitor.store.reviews import comments_on, contact_of, facts_of, open_reviews, owner_of, save_comment
from sla_monitor.store.side_lists import Span, leads_of_month, promises_of_month, suspicious_acts
from sla_monitor.store.sides import ages, delivered, ignored, kept, orphans, suspicions

__all__ = [
    "Span",
    "Watched",
    "ages",
    "audit",
    "claim",
    "comments_on",
    "compliance",
    "contact_of",
    "counts",
    "delivered",
    "disable",
    "drop_clocks",
    "drop_webhook",
    "erase",
    "facts_of",
    "flooded",
    "fold",
    "ignored",
    "kept",
    "leads_of_month",
    "list_breaches",
    "list_clocks",
    "list_deliveries",
    "load_agreements",
    "load_leads",
    "lock_webhooks",
    "open_reviews",
    "orphans",
    "owner_of",
    "promises_of_month",
    "put_webhook",
    "record",
    "release",
    "retry",
    "rotate",
    "save",
    "save_comment",
    "save_messages",
    "save_rep_calendars",
    "schedule_replans",
    "schedule_replans_of_reps",
    "suspicions",
    "suspicious_acts",
    "tidy",
    "webhooks",
]
