"""The use cases of scoring: events, timers, commands and queries, each load, decide, save, publish."""

from scoring.handlers.asking import ENRICH
from scoring.handlers.commands import override_rules, record_learned_facts
from scoring.handlers.deciding import ACCOUNT, COOL, RECONSIDER, REEVALUATE, STRENGTHEN
from scoring.handlers.enriching import run_enrichment
from scoring.handlers.errors import ContactUnknown, FactsDatedInFuture, IdempotencyKeyReused, NoCandidateRules
from scoring.handlers.queries import (
    compare_rules,
    count_leads_by_strictness,
    explain_score,
    load_outcomes,
    load_people_after,
    try_engagement,
)
from scoring.handlers.shadowing import compare_shadow, start_shadow, stop_shadow
from scoring.handlers.timers import (
    add_account_uses,
    decide_contacts_again,
    publish_cooled_leads,
    publish_strengthened_leads,
    run_reevaluation,
)
from scoring.handlers.topic_handlers import (
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
    "FactsDatedInFuture",
    "IdempotencyKeyReused",
    "NoCandidateRules",
    "add_account_uses",
    "compare_rules",
    "compare_shadow",
    "count_leads_by_strictness",
    "decide_contacts_again",
    "explain_score",
    "load_outcomes",
    "load_people_after",
    "on_accounts_changed",
    "on_contacts_captured",
    "on_contacts_erased",
    "on_contacts_merged",
    "on_leads_recycled",
    "on_leads_worked",
    "override_rules",
    "publish_cooled_leads",
    "publish_strengthened_leads",
    "record_learned_facts",
    "run_enrichment",
    "run_reevaluation",
    "start_shadow",
    "stop_shadow",
    "try_engagement",
]
