"""The service on one screen: topics, timers, HTTP."""

from pathlib import Path

from events import topics
from events.runtime import Service
from scoring import api, handlers, store
from scoring.playbook import ScoringPlaybook
from scoring.settings import ScoringSettings

service = Service(
    name="scoring",
    settings=ScoringSettings,
    playbook=("scoring.yaml", ScoringPlaybook),
    migrations=Path(__file__).parent / "migrations",
    on={
        topics.CONTACTS_CAPTURED: handlers.on_contacts_captured,
        topics.CONTACTS_MERGED: handlers.on_contacts_merged,
        topics.LEADS_WORKED: handlers.on_leads_worked,
        topics.LEADS_RECYCLED: handlers.on_leads_recycled,
        topics.ACCOUNTS_CHANGED: handlers.on_accounts_changed,
        topics.CONTACTS_ERASED: handlers.on_contacts_erased,
    },
    due={
        handlers.COOL: handlers.publish_cooled_leads,
        handlers.RECONSIDER: handlers.decide_contacts_again,
        handlers.ACCOUNT: handlers.add_account_uses,
        handlers.REEVALUATE: handlers.run_reevaluation,
        handlers.STRENGTHEN: handlers.publish_strengthened_leads,
        handlers.ENRICH: handlers.decide_contacts_again,
    },
    beside={"enrichments": handlers.run_enrichment},
    router=api.router,
    audit=store.find_violations,
    counts=store.compute_gauge_values,
    gathers_due=[handlers.STRENGTHEN],
)
