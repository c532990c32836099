"""What makes a lead: pure functions of a contact's history, the playbook and an instant."""

from scoring.domain.account import account_of, account_use, is_product_use
from scoring.domain.decide import Verdict, decide
from scoring.domain.hear import asked_of, engagement_of, turn_of, turns_of, wake_up_of
from scoring.domain.history import Colleague, Engagement, History, Lead, Turn
from scoring.domain.outcomes import Outcomes, Told, count_outcomes
from scoring.domain.override import OverrideKind, override_of
from scoring.domain.score import Score, score
from scoring.domain.volume import count_leads

__all__ = [
    "Colleague",
    "Engagement",
    "History",
    "Lead",
    "Outcomes",
    "OverrideKind",
    "Score",
    "Told",
    "Turn",
    "Verdict",
    "account_of",
    "account_use",
    "asked_of",
    "count_leads",
    "count_outcomes",
    "decide",
    "engagement_of",
    "is_product_use",
    "override_of",
    "score",
    "turn_of",
    "turns_of",
    "wake_up_of",
]
