"""Sla-monitor on one screen: its topics, timers, endpoints and audit."""

from pathlib import Path

from events import topics
from events.runtime import Service
from sla_monitor import api, handlers, store
from sla_monitor.playbook import SlaPlaybook
from sla_monitor.settings import SlaSettings

service = Service(
    name="sla-monitor",
    settings=SlaSettings,
    playbook=("sla.yaml", SlaPlaybook),
    migrations=Path(__file__).parent / "migrations",
    on={
        topics.LEADS_QUALIFIED: handlers.on_leads_qualified,
        topics.LEADS_ASSIGNED: handlers.on_leads_assigned,
        topics.LEADS_WORKED: handlers.on_leads_worked,
        topics.LEADS_RECYCLED: handlers.on_leads_recycled,
        topics.REPS_CHANGED: handlers.on_reps_changed,
        topics.CONTACTS_ERASED: handlers.on_contacts_erased,
    },
    due={
        handlers.WATCH: handlers.flag_due_clocks,
        handlers.AGREEMENT: handlers.schedule_replan_of_all,
        handlers.REPLAN: handlers.replan_leads,
        handlers.REPS: handlers.schedule_replan_of_reps,
    },
    beside={"deliveries": handlers.send_messages_forever},
    router=api.router,
    audit=store.find_violations,
    counts=store.compute_gauge_values,
    gathers=True,
)
