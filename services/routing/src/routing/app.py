"""Routing on one screen: its topics, timers, endpoints and audit."""

from pathlib import Path

from events import topics
from events.runtime import Service
from routing import api, handlers, store
from routing.playbook import RoutingPlaybook
from routing.settings import RoutingSettings

service = Service(
    name="routing",
    settings=RoutingSettings,
    playbook=("routing.yaml", RoutingPlaybook),
    migrations=Path(__file__).parent / "migrations",
    on={
        topics.LEADS_QUALIFIED: handlers.on_leads_qualified,
        topics.LEADS_WORKED: handlers.on_leads_worked,
        topics.LEADS_RECYCLED: handlers.on_leads_recycled,
        topics.SLA_FLAGGED: handlers.on_sla_flagged,
        topics.ACCOUNTS_CHANGED: handlers.on_accounts_changed,
        topics.CAMPAIGNS_ANNOUNCED: handlers.on_campaigns_announced,
        topics.CONTACTS_WISHES: handlers.on_contacts_wishes,
        topics.CONTACTS_MERGED: handlers.on_contacts_merged,
        topics.CONTACTS_ERASED: handlers.on_contacts_erased,
    },
    due={
        store.timers.DRAIN: handlers.drain_queues,
        store.timers.EXPIRE: handlers.end_long_waits,
        store.timers.NEXT_TEAM: handlers.retry_hand_to_next_team,
        store.timers.PLACE: handlers.place_waiting_leads,
        store.timers.CALENDARS: handlers.publish_all_calendars,
        store.timers.REDISTRIBUTE: handlers.redistribute_leads,
    },
    beside={"calendars": handlers.read_calendars_forever},
    router=api.router,
    audit=store.find_violations,
    counts=store.compute_gauge_values,
    adopt=handlers.restore_published_state,
)
