"""All SQL of scoring, set-based: one function a query, whatever the number of contacts."""

from scoring.store.accounts import (
    contacts_of,
    domains_of,
    load_accounts,
    load_companies,
    load_product_leads,
    newer_accounts,
    replace_accounts,
)
from scoring.store.audit import audit
from scoring.store.buying_groups import (
    leads_behind,
    open_leads_of,
    people_of,
    published_people,
    save_published_people,
    with_news,
)
from scoring.store.counts import counts
from scoring.store.enrichments import (
    ClaimedQuestion,
    EnrichmentOutcome,
    claim_questions,
    close_question,
    put_off_question,
    save_questions,
    waiting_for_answer,
)
from scoring.store.erasure import erase, erased
from scoring.store.histories import (
    contacts_after,
    load_histories,
    save,
)
from scoring.store.reevaluations import (
    count_changes,
    limits_of,
    list_changes,
    list_reevaluations,
    load_reevaluation,
    next_contacts,
    save_progress,
)
from scoring.store.reports import (
    count_blocked,
    count_overrides,
    labelled_leads,
    list_overrides,
    published_leads,
    save_override,
    some_contacts,
)
from scoring.store.shadows import (
    compared_leads,
    last_shadow,
    load_shadow,
    load_standing,
    save_shadow_leads,
    start_shadow,
    stop_shadow,
)

__all__ = [
    "ClaimedQuestion",
    "EnrichmentOutcome",
    "audit",
    "claim_questions",
    "close_question",
    "compared_leads",
    "contacts_after",
    "contacts_of",
    "count_blocked",
    "count_changes",
    "count_overrides",
    "counts",
    "domains_of",
    "erase",
    "erased",
    "labelled_leads",
    "last_shadow",
    "leads_behind",
    "limits_of",
    "list_changes",
    "list_overrides",
    "list_reevaluations",
    "load_accounts",
    "load_companies",
    "load_histories",
    "load_product_leads",
    "load_reevaluation",
    "load_shadow",
    "load_standing",
    "newer_accounts",
    "next_contacts",
    "open_leads_of",
    "people_of",
    "published_leads",
    "published_people",
    "put_off_question",
    "replace_accounts",
    "save",
    "save_override",
    "save_progress",
    "save_published_people",
    "save_questions",
    "save_shadow_leads",
    "some_contacts",
    "start_shadow",
    "stop_shadow",
    "waiting_for_answer",
    "with_news",
]
