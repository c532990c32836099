"""The use cases: events, what people do on the pages, what the pages show, messages."""

from desk.handlers import operating, queries, rules
from desk.handlers.access import form_token, invite, new_secret, sign_in, sign_in_by_provider
from desk.handlers.changes import CHANGES, concerns
from desk.handlers.commands import act, act_by_link, reply, review, set_status
from desk.handlers.errors import ActionRefused, LeadUnknown, LinkUsed, NotForYou, SignInFailed, SignInFirst
from desk.handlers.provider import PROVIDER
from desk.handlers.sending import deliver, deliver_due
from desk.handlers.timers import TIMERS
from desk.handlers.topics import (
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
    on_sla_flagged,
)
from desk.handlers.upstream import UPSTREAM

__all__ = [
    "CHANGES",
    "PROVIDER",
    "TIMERS",
    "UPSTREAM",
    "ActionRefused",
    "LeadUnknown",
    "LinkUsed",
    "NotForYou",
    "SignInFailed",
    "SignInFirst",
    "act",
    "act_by_link",
    "concerns",
    "deliver",
    "deliver_due",
    "form_token",
    "invite",
    "new_secret",
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
    "on_sla_flagged",
    "operating",
    "queries",
    "reply",
    "review",
    "rules",
    "set_status",
    "sign_in",
    "sign_in_by_provider",
]
