"""All SQL of this service, set-based: one function a query."""

from desk.store import access, messages, pages, reports
from desk.store.audit import audit
from desk.store.erasure import erase, erased
from desk.store.leads import load_leads, save_campaigns, save_entries, save_leads, save_people, save_promises

__all__ = [
    "access",
    "audit",
    "erase",
    "erased",
    "load_leads",
    "messages",
    "pages",
    "reports",
    "save_campaigns",
    "save_entries",
    "save_leads",
    "save_people",
    "save_promises",
]
