"""What makes a lead: pure functions of a contact's history, the playbook and an instant."""

from scoring.domain.account import account_of, account_use, is_product_use
from scoring.domain.buying_group import OpenLead, PublishedPerson, accounts_of, picture, strengthened
from scoring.domain.comparing import ComparedLead, Difference, ShadowComparison, compare_leads
from scoring.domain.decide import ReevaluationLimit, Verdict, decide
from scoring.domain.enrichment import Question, answered_facts, fault_of, may_wait, question_about, wait_after
from scoring.domain.from_events import (
    deciding_fact_of,
    engagement_of,
    findings_of,
    later_request_of,
    lifecycle_facts_of,
    wake_up_of,
)
from scoring.domain.history import Colleague, Engagement, History, Lead, LifecycleFact
from scoring.domain.knowledge import CONFIDENCE
from scoring.domain.outcomes import Outcomes, PublishedLead, count_outcomes
from scoring.domain.override import OverrideKind, learned_facts, override_of
from scoring.domain.score import Score, score
from scoring.domain.to_events import DecisionContext, lead_event
from scoring.domain.volume import count_leads

__all__ = [
    "CONFIDENCE",
    "Colleague",
    "ComparedLead",
    "DecisionContext",
    "Difference",
    "Engagement",
    "History",
    "Lead",
    "LifecycleFact",
    "OpenLead",
    "Outcomes",
    "OverrideKind",
    "PublishedLead",
    "PublishedPerson",
    "Question",
    "ReevaluationLimit",
    "Score",
    "ShadowComparison",
    "Verdict",
    "account_of",
    "account_use",
    "accounts_of",
    "answered_facts",
    "compare_leads",
    "count_leads",
    "count_outcomes",
    "decide",
    "deciding_fact_of",
    "engagement_of",
    "fault_of",
    "findings_of",
    "is_product_use",
    "later_request_of",
    "lead_event",
    "learned_facts",
    "lifecycle_facts_of",
    "may_wait",
    "override_of",
    "picture",
    "question_about",
    "score",
    "strengthened",
    "wait_after",
    "wake_up_of",
]
