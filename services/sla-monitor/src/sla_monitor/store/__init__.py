"""All SQL of sla-monitor, set-based: one function a query."""

from sla_monitor.store.audit import find_violations
from sla_monitor.store.counts import compute_gauge_values
from sla_monitor.store.deliveries import (
    claim_messages,
    delete_old_messages,
    delete_webhook,
    disable_webhooks,
    list_deliveries,
    load_excess_messages,
    load_webhooks,
    lock_webhooks,
    raise_secret_generation,
    release_messages,
    replace_messages_by_digest,
    retry_message,
    save_messages,
    save_send_results,
    save_webhook,
)
from sla_monitor.store.erasure import erase
from sla_monitor.store.leads import (
    WatchedLead,
    delete_clocks,
    load_agreements,
    load_leads,
    save_leads,
    schedule_replans,
)
from sla_monitor.store.rep_calendars import save_rep_calendars, schedule_replans_of_reps
from sla_monitor.store.reports import count_compliance, list_breaches, list_clocks
from sla_monitor.store.reviews import (
    list_open_reviews,
    load_comments,
    load_contact_of_lead,
    load_facts,
    load_owner_of_lead,
    save_comment,
)
from sla_monitor.store.side_lists import (
    TimeSpan,
    load_leads_of_month,
    load_promised_leads_of_month,
    load_suspicious_acts,
)
from sla_monitor.store.sides import (
    count_ignored_leads,
    count_kept_promises_by_month,
    count_open_misses_by_age,
    count_qualified_leads_by_month,
    count_suspicious_acts,
    list_orphan_leads,
)

__all__ = [
    "TimeSpan",
    "WatchedLead",
    "claim_messages",
    "compute_gauge_values",
    "count_compliance",
    "count_ignored_leads",
    "count_kept_promises_by_month",
    "count_open_misses_by_age",
    "count_qualified_leads_by_month",
    "count_suspicious_acts",
    "delete_clocks",
    "delete_old_messages",
    "delete_webhook",
    "disable_webhooks",
    "erase",
    "find_violations",
    "list_breaches",
    "list_clocks",
    "list_deliveries",
    "list_open_reviews",
    "list_orphan_leads",
    "load_agreements",
    "load_comments",
    "load_contact_of_lead",
    "load_excess_messages",
    "load_facts",
    "load_leads",
    "load_leads_of_month",
    "load_owner_of_lead",
    "load_promised_leads_of_month",
    "load_suspicious_acts",
    "load_webhooks",
    "lock_webhooks",
    "raise_secret_generation",
    "release_messages",
    "replace_messages_by_digest",
    "retry_message",
    "save_comment",
    "save_leads",
    "save_messages",
    "save_rep_calendars",
    "save_send_results",
    "save_webhook",
    "schedule_replans",
    "schedule_replans_of_reps",
]
