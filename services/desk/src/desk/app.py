"""The pages on one screen: the topics they are made of, what runs beside, and the endpoints."""

from pathlib import Path

from desk import api, handlers, store
from desk.playbook import DeskPlaybook
from desk.settings import PageSettings
from events import topics
from events.runtime import Service

MOST_YOUNG = 20_000
"""Jinja leaves a cycle with all that a page showed: 200 leads are megabytes, and thirty such pages were 60 of them."""

service = Service(
    name="desk",
    settings=PageSettings,
    playbook=("desk.yaml", DeskPlaybook),
    migrations=Path(__file__).parent / "migrations",
    on={
        topics.CONTACTS_PROFILES: handlers.on_contacts_profiles,
        topics.CONTACTS_MERGED: handlers.on_contacts_merged,
        topics.CONTACTS_ERASED: handlers.on_contacts_erased,
        topics.LEADS_QUALIFIED: handlers.on_leads_qualified,
        topics.LEADS_ASSIGNED: handlers.on_leads_assigned,
        topics.LEADS_WORKED: handlers.on_leads_worked,
        topics.LEADS_RECYCLED: handlers.on_leads_recycled,
        topics.SLA_FLAGGED: handlers.on_sla_flagged,
        topics.LEADS_PROMISED: handlers.on_leads_promised,
        topics.LEADS_LIFECYCLE: handlers.on_leads_lifecycle,
        topics.CAMPAIGNS_ANNOUNCED: handlers.on_campaigns_announced,
        topics.REPS_CHANGED: handlers.on_reps_changed,
    },
    due=handlers.TIMERS,
    beside={
        "changes": handlers.CHANGES.listen,
        "messages": handlers.deliver_messages_forever,
        "digests": handlers.save_digests_forever,
        "fold": handlers.fold_day_sums_hourly,
    },
    router=api.router,
    audit=store.find_violations,
    gathers=True,
    most_young=MOST_YOUNG,
)
