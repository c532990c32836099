"""Newcomer on one screen: its topics, timers, endpoints and audit."""

from pathlib import Path

from events import topics
from events.runtime import Service
from newcomer import api, handlers, store
from newcomer.playbook import NewcomerPlaybook
from newcomer.settings import NewcomerSettings

service = Service(
    name="newcomer",
    settings=NewcomerSettings,
    playbook=("newcomer.yaml", NewcomerPlaybook),
    migrations=Path(__file__).parent / "migrations",
    on={
        topics.CONTACTS_ERASED: handlers.on_contacts_erased,
        topics.LEADS_LIFECYCLE: handlers.on_leads_lifecycle,
    },
    due=handlers.TIMERS,
    router=api.router,
    audit=store.find_violations,
)
