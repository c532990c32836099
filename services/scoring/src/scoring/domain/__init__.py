"""What makes a lead: pure functions of a contact's history, the playbook and an instant."""

from scoring.domain.account import find_company_domain, is_product_use, make_account_use
from scoring.domain.buying_group import (
    OpenLead,
    PublishedPerson,
    build_account_picture,
    find_company_domains,
    strengthened_event,
)
from scoring.domain.comparing import ComparedLead, Difference, ShadowComparison, compare_leads
from scoring.domain.decide import ReevaluationLimit, Verdict, decide_contact
from scoring.domain.enrichment import (
    EnrichmentQuestion,
    answer_as_engagement,
    compute_retry_delay,
    find_fact_fault,
    make_question,
    may_wait_for_answer,
)
from scoring.domain.from_events import (
    capture_as_engagement,
    find_deciding_fact,
    findings_as_engagement,
    later_request_as_engagement,
    read_lifecycle_facts,
    wake_up_as_engagement,
)
from scoring.domain.history import Colleague, Engagement, History, Lead, LifecycleFact
from scoring.domain.knowledge import CONFIDENCE
from scoring.domain.outcomes import Outcomes, PublishedLeadOutcome, evaluate_outcomes
from scoring.domain.override import OverrideKind, learned_facts_as_engagement, override_as_engagement
from scoring.domain.score import Score, compute_score
from scoring.domain.to_events import DecisionContext, build_lead_event
from scoring.domain.volume import VolumeComparison, compare_volumes, count_hypothetical_leads

__all__ = [
    "CONFIDENCE",
    "Colleague",
    "ComparedLead",
    "DecisionContext",
    "Difference",
    "Engagement",
    "EnrichmentQuestion",
    "History",
    "Lead",
    "LifecycleFact",
    "OpenLead",
    "Outcomes",
    "OverrideKind",
    "PublishedLeadOutcome",
    "PublishedPerson",
    "ReevaluationLimit",
    "Score",
    "ShadowComparison",
    "Verdict",
    "VolumeComparison",
    "answer_as_engagement",
    "build_account_picture",
    "build_lead_event",
    "capture_as_engagement",
    "compare_leads",
    "compare_volumes",
    "compute_retry_delay",
    "compute_score",
    "count_hypothetical_leads",
    "decide_contact",
    "evaluate_outcomes",
    "find_company_domain",
    "find_company_domains",
    "find_deciding_fact",
    "find_fact_fault",
    "findings_as_engagement",
    "is_product_use",
    "later_request_as_engagement",
    "learned_facts_as_engagement",
    "make_account_use",
    "make_question",
    "may_wait_for_answer",
    "override_as_engagement",
    "read_lifecycle_facts",
    "strengthened_event",
    "wake_up_as_engagement",
]
