"""All SQL of this service, set-based: one function a query."""

from desk.store import access, day_sums, messages, pages, rep_calendars, reports, rules, worklists
from desk.store.audit import find_violations
from desk.store.erasure import erase, find_erased_contacts
from desk.store.leads import (
    KnownState,
    build_lead_writes,
    build_profile_writes,
    build_promise_writes,
    build_story_writes,
    load_known,
    save_campaigns,
)

__all__ = [
    "KnownState",
    "access",
    "build_lead_writes",
    "build_profile_writes",
    "build_promise_writes",
    "build_story_writes",
    "day_sums",
    "erase",
    "find_erased_contacts",
    "find_violations",
    "load_known",
    "messages",
    "pages",
    "rep_calendars",
    "reports",
    "rules",
    "save_campaigns",
    "worklists",
]
