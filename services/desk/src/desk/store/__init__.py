"""All SQL of this service, set-based: one function a query."""

from desk.store import access, messages, pages, reports, rules, worklists
from desk.store.audit import audit
from desk.store.erasure import erase, erased
from desk.store.leads import Known, entries, leads, load, people, promises, save_campaigns

__all__ = [
    "Known",
    "access",
    "audit",
    "entries",
    "erase",
    "erased",
    "leads",
    "load",
    "messages",
    "pages",
    "people",
    "promises",
    "reports",
    "rules",
    "save_campaigns",
    "worklists",
]
