"""All SQL of the service, set-based: one function a query."""

from feedback.store.audit import audit
from feedback.store.facts import (
    erase,
    erased_leads,
    erased_people,
    first_signals,
    history_row,
    keep_accounts,
    keep_campaigns,
    keep_evidence,
    keep_history,
    keep_notes,
    keep_signals,
)
from feedback.store.leads import contacts_of, load, save
from feedback.store.reports import funnel, leads_page, reasons, story, worklist

__all__ = [
    "audit",
    "contacts_of",
    "erase",
    "erased_leads",
    "erased_people",
    "first_signals",
    "funnel",
    "history_row",
    "keep_accounts",
    "keep_campaigns",
    "keep_evidence",
    "keep_history",
    "keep_notes",
    "keep_signals",
    "leads_page",
    "load",
    "reasons",
    "save",
    "story",
    "worklist",
]
