"""The use cases: events, what people do on the pages, what the pages show, messages."""

from desk.handlers import operating, person_data, queries, rule_activation, rule_drafts, rules, scanners, snippets
from desk.handlers.access import (
    derive_form_token,
    draw_secret,
    invite_user,
    load_identity_provider,
    sign_in_by_invitation,
    sign_in_by_provider,
)
from desk.handlers.changes import CHANGES, is_notice_for
from desk.handlers.commands import (
    act_by_link,
    act_on_lead,
    act_on_lead_under_review,
    answer_returned_lead,
    set_own_calendar,
    set_rep_status,
)
from desk.handlers.errors import ActionRefused, LeadUnknown, LinkUsed, NotForYou, ServiceAway, SignInFailed, SignInFirst
from desk.handlers.notices import save_digests_forever
from desk.handlers.sending import deliver_due_messages, deliver_messages_forever
from desk.handlers.timers import TIMERS, fold_day_sums_hourly, fold_some_day_sums
from desk.handlers.topic_handlers import (
    on_campaigns_announced,
    on_contacts_erased,
    on_contacts_merged,
    on_contacts_profiles,
    on_leads_assigned,
    on_leads_lifecycle,
    on_leads_promised,
    on_leads_qualified,
    on_leads_recycled,
    on_leads_worked,
    on_reps_changed,
    on_sla_flagged,
)
from desk.handlers.upstream import UPSTREAM

__all__ = [
    "CHANGES",
    "TIMERS",
    "UPSTREAM",
    "ActionRefused",
    "LeadUnknown",
    "LinkUsed",
    "NotForYou",
    "ServiceAway",
    "SignInFailed",
    "SignInFirst",
    "act_by_link",
    "act_on_lead",
    "act_on_lead_under_review",
    "answer_returned_lead",
    "deliver_due_messages",
    "deliver_messages_forever",
    "derive_form_token",
    "draw_secret",
    "fold_day_sums_hourly",
    "fold_some_day_sums",
    "invite_user",
    "is_notice_for",
    "load_identity_provider",
    "on_campaigns_announced",
    "on_contacts_erased",
    "on_contacts_merged",
    "on_contacts_profiles",
    "on_leads_assigned",
    "on_leads_lifecycle",
    "on_leads_promised",
    "on_leads_qualified",
    "on_leads_recycled",
    "on_leads_worked",
    "on_reps_changed",
    "on_sla_flagged",
    "operating",
    "person_data",
    "queries",
    "rule_activation",
    "rule_drafts",
    "rules",
    "save_digests_forever",
    "scanners",
    "set_own_calendar",
    "set_rep_status",
    "sign_in_by_invitation",
    "sign_in_by_provider",
    "snippets",
]
