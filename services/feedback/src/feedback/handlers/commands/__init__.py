"""Commands of people and of other systems: load, decide, save, publish."""

from feedback.handlers.commands.activities import MatchedActivity, match_or_save_activities
from feedback.handlers.commands.feedback import (
    ActionOrigin,
    answer_feedback,
    report_customer_change,
    save_and_publish_feedback,
)
from feedback.handlers.commands.leads import CommandResult, carry_out_commands
from feedback.handlers.commands.proposals import open_proposal

__all__ = [
    "ActionOrigin",
    "CommandResult",
    "MatchedActivity",
    "answer_feedback",
    "carry_out_commands",
    "match_or_save_activities",
    "open_proposal",
    "report_customer_change",
    "save_and_publish_feedback",
]
