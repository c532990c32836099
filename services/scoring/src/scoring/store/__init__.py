"""All SQL of scoring, set-based: one function a query, whatever the number of contacts."""

from scoring.store.accounts import (
    contacts_of,
    domains_of,
    hold_product_leads,
    load_accounts,
    newer_accounts,
    replace_accounts,
)
from scoring.store.histories import (
    erase,
    erased,
    load_histories,
    save_engagements,
    save_held,
    save_leads,
    save_turns,
)
from scoring.store.reports import (
    audit,
    count_held,
    count_overrides,
    keep_override,
    labelled_leads,
    list_overrides,
    some_contacts,
    told_leads,
)
from scoring.store.shadows import load_shadow, load_standing, save_shadow_leads, stop_shadow

__all__ = [
    "audit",
    "contacts_of",
    "count_held",
    "count_overrides",
    "domains_of",
    "erase",
    "erased",
    "hold_product_leads",
    "keep_override",
    "labelled_leads",
    "list_overrides",
    "load_accounts",
    "load_histories",
    "load_shadow",
    "load_standing",
    "newer_accounts",
    "replace_accounts",
    "save_engagements",
    "save_held",
    "save_leads",
    "save_shadow_leads",
    "save_turns",
    "some_contacts",
    "stop_shadow",
    "told_leads",
]
