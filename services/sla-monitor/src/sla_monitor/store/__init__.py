"""All SQL of sla-monitor, set-based: one function a query."""

from sla_monitor.store.leads import (
    Watched,
    drop_clocks,
    erase,
    erased,
    load_agreements,
    load_leads,
    look_again,
    save_clocks,
    save_leads,
)
from sla_monitor.store.reports import audit, compliance, list_breaches, list_clocks

__all__ = [
    "Watched",
    "audit",
    "compliance",
    "drop_clocks",
    "erase",
    "erased",
    "list_breaches",
    "list_clocks",
    "load_agreements",
    "load_leads",
    "look_again",
    "save_clocks",
    "save_leads",
]
