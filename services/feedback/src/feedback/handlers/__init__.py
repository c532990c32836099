"""The use cases: load, decide, save, publish."""

from feedback.handlers.commands import (
    ActionOrigin,
    CommandResult,
    MatchedActivity,
    answer_feedback,
    carry_out_commands,
    match_or_save_activities,
    open_proposal,
    report_customer_change,
    save_and_publish_feedback,
)
from feedback.handlers.digest import load_digest
from feedback.handlers.queries import load_full_lead, load_funnel_flags, load_unresolved_activities
from feedback.handlers.recovery import restore_published_state
from feedback.handlers.timers import fold_some_tallies, fold_tallies_hourly, return_stalled_leads, wake_leads
from feedback.handlers.topic_handlers import (
    ProfileHandler,
    on_accounts_changed,
    on_campaigns_announced,
    on_contacts_captured,
    on_contacts_erased,
    on_contacts_merged,
    on_leads_assigned,
    on_leads_qualified,
    on_playbooks_activated,
    on_sla_flagged,
)

__all__ = [
    "ActionOrigin",
    "CommandResult",
    "MatchedActivity",
    "ProfileHandler",
    "answer_feedback",
    "carry_out_commands",
    "fold_some_tallies",
    "fold_tallies_hourly",
    "load_digest",
    "load_full_lead",
    "load_funnel_flags",
    "load_unresolved_activities",
    "match_or_save_activities",
    "on_accounts_changed",
    "on_campaigns_announced",
    "on_contacts_captured",
    "on_contacts_erased",
    "on_contacts_merged",
    "on_leads_assigned",
    "on_leads_qualified",
    "on_playbooks_activated",
    "on_sla_flagged",
    "open_proposal",
    "report_customer_change",
    "restore_published_state",
    "return_stalled_leads",
    "save_and_publish_feedback",
    "wake_leads",
]
