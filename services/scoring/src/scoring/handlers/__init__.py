"""The use cases of scoring: events, timers, commands and queries, each load, decide, save, publish."""

from scoring.handlers.asking import ENRICH
from scoring.handlers.commands import learn_facts, override
from scoring.handlers.deciding import ACCOUNT, COOL, RECONSIDER, REEVALUATE, STRENGTHEN
from scoring.handlers.enriching import enrich
from scoring.handlers.errors import ContactUnknown, DatedAhead, KeyUsedBefore, NoCandidate
from scoring.handlers.queries import explain, outcomes, people_after, volumes
from scoring.handlers.shadowing import compare_shadow, start_shadow, stop_shadow
from scoring.handlers.timers import cool, reconsider, reevaluate, strengthen, weigh_accounts
from scoring.handlers.topics import (
    on_accounts_changed,
    on_contacts_captured,
    on_contacts_erased,
    on_contacts_merged,
    on_leads_recycled,
    on_leads_worked,
)

__all__ = [
    "ACCOUNT",
    "COOL",
    "ENRICH",
    "RECONSIDER",
    "REEVALUATE",
    "STRENGTHEN",
    "ContactUnknown",
    "DatedAhead",
    "KeyUsedBefore",
    "NoCandidate",
    "compare_shadow",
    "cool",
    "enrich",
    "explain",
    "learn_facts",
    "on_accounts_changed",
    "on_contacts_captured",
    "on_contacts_erased",
    "on_contacts_merged",
    "on_leads_recycled",
    "on_leads_worked",
    "outcomes",
    "override",
    "people_after",
    "reconsider",
    "reevaluate",
    "start_shadow",
    "stop_shadow",
    "strengthen",
    "volumes",
    "weigh_accounts",
]
