"""The use cases: load, decide, save, publish."""

from feedback.handlers.commands import (
    Action,
    CommandResult,
    MatchedActivity,
    answer_feedback,
    approve,
    carry_out,
    change_customer,
    find_leads,
    propose,
    record_feedback,
)
from feedback.handlers.digest import load_digest
from feedback.handlers.queries import load_flags, load_lead, waiting_activities
from feedback.handlers.recovery import adopt
from feedback.handlers.timers import fold, fold_some, stall, wake
from feedback.handlers.topics import (
    Identities,
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
    "Action",
    "CommandResult",
    "Identities",
    "MatchedActivity",
    "adopt",
    "answer_feedback",
    "approve",
    "carry_out",
    "change_customer",
    "find_leads",
    "fold",
    "fold_some",
    "load_digest",
    "load_flags",
    "load_lead",
    "on_accounts_changed",
    "on_campaigns_announced",
    "on_contacts_captured",
    "on_contacts_erased",
    "on_contacts_merged",
    "on_leads_assigned",
    "on_leads_qualified",
    "on_playbooks_activated",
    "on_sla_flagged",
    "propose",
    "record_feedback",
    "stall",
    "waiting_activities",
    "wake",
]
