"""All SQL of the service, set-based: one function a query."""

from feedback.store.audit import audit
from feedback.store.facts import (
    customer_line,
    erase,
    erased_leads,
    erased_people,
    first_signals,
    history_row,
    keep_accounts,
    keep_campaigns,
    keep_customer_change,
    keep_evidence,
    keep_feedback,
    keep_history,
    keep_notes,
    keep_signals,
    merged_at,
    paths,
)
from feedback.store.leads import contacts_of, load, save
from feedback.store.reports import campaigns, leads_page, story, stuck, versions, worklist
from feedback.store.tallies import add_to_funnel, histogram, read_funnel

__all__ = [
    "add_to_funnel",
    "audit",
    "campaigns",
    "contacts_of",
    "customer_line",
    "erase",
    "erased_leads",
    "erased_people",
    "first_signals",
    "histogram",
    "history_row",
    "keep_accounts",
    "keep_campaigns",
    "keep_customer_change",
    "keep_evidence",
    "keep_feedback",
    "keep_history",
    "keep_notes",
    "keep_signals",
    "leads_page",
    "load",
    "merged_at",
    "paths",
    "read_funnel",
    "save",
    "story",
    "stuck",
    "versions",
    "worklist",
]
