"""The service on one screen: what it consumes, what falls due, what it answers."""

from pathlib import Path

from events import topics
from events.runtime import Service
from feedback import api, handlers, store
from feedback.playbook import FeedbackPlaybook
from feedback.settings import FeedbackSettings


def _secret_bytes() -> bytes:
    return service.settings.secret.get_secret_value().encode()


identities = handlers.ProfileHandler(_secret_bytes)

service: Service = Service(
    name="feedback",
    settings=FeedbackSettings,
    playbook=("feedback.yaml", FeedbackPlaybook),
    migrations=Path(__file__).parent / "migrations",
    on={
        topics.CONTACTS_CAPTURED: handlers.on_contacts_captured,
        topics.CONTACTS_PROFILES: identities.on_contacts_profiles,
        topics.CONTACTS_ERASED: handlers.on_contacts_erased,
        topics.CONTACTS_MERGED: handlers.on_contacts_merged,
        topics.LEADS_QUALIFIED: handlers.on_leads_qualified,
        topics.LEADS_ASSIGNED: handlers.on_leads_assigned,
        topics.SLA_FLAGGED: handlers.on_sla_flagged,
        topics.CAMPAIGNS_ANNOUNCED: handlers.on_campaigns_announced,
        topics.PLAYBOOKS_ACTIVATED: handlers.on_playbooks_activated,
        topics.ACCOUNTS_CHANGED: handlers.on_accounts_changed,
    },
    due={"wake": handlers.wake_leads, "stall": handlers.return_stalled_leads},
    beside={"fold": handlers.fold_tallies_hourly},
    router=api.router,
    audit=store.find_violations,
    counts=store.compute_gauge_values,
    adopt=handlers.restore_published_state,
    gathers=True,
    streams=lambda method, path: (method, path) == ("POST", api.BULK_PATH),
)
