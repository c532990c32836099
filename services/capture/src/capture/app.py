"""Capture on one screen: topics, timers, HTTP."""

from pathlib import Path

from capture import api, handlers, store
from capture.api.intake import make_identity_hasher
from capture.playbook import CapturePlaybook
from capture.settings import CaptureSettings
from events import topics
from events.runtime import Service

service: Service[CaptureSettings] = Service(
    name="capture",
    settings=CaptureSettings,
    playbook=("capture.yaml", CapturePlaybook),
    migrations=Path(__file__).parent / "migrations",
    on={topics.CONTACTS_RECEIPTS: handlers.on_contacts_receipts},
    due={
        handlers.ENDS: handlers.end_quarantine,
        handlers.RELEASE: lambda due, tx: handlers.release_todays_rows(make_identity_hasher(service), due, tx),
        handlers.FORGET: handlers.forget_rejected_rows,
    },
    router=api.router,
    audit=store.find_violations,
    streams=api.has_own_body_limit,
    adopt=lambda batch, tx: handlers.restore_people(make_identity_hasher(service), batch, tx),
)
