"""Commands of people and of other systems: load, decide, save, publish."""

from feedback.handlers.commands.activities import MatchedActivity, find_leads
from feedback.handlers.commands.feedback import Action, answer_feedback, change_customer, record_feedback
from feedback.handlers.commands.leads import CommandResult, carry_out
from feedback.handlers.commands.proposals import approve, propose

__all__ = [
    "Action",
    "CommandResult",
    "MatchedActivity",
    "answer_feedback",
    "approve",
    "carry_out",
    "change_customer",
    "find_leads",
    "propose",
    "record_feedback",
]
