"""What makes a lead: pure functions of a contact's history, the playbook and an instant."""

from scoring.domain.decide import Verdict, decide
from scoring.domain.hear import engagement_of, turn_of, wake_up_of
from scoring.domain.history import Engagement, History, Lead, Turn
from scoring.domain.score import Score, score

__all__ = [
    "Engagement",
    "History",
    "Lead",
    "Score",
    "Turn",
    "Verdict",
    "decide",
    "engagement_of",
    "score",
    "turn_of",
    "wake_up_of",
]
