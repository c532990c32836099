"""Put the messages of events into the database with them; whoever sends them finds them there."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from desk import store
from desk.domain import Lead
from desk.domain.notices import make_digest_messages, make_messages_for_events
from desk.playbook import DeskPlaybook
from events.envelope import LeadEvent
from events.runtime import Transaction

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service


async def save_messages_about_events(tx: Transaction, events: Iterable[LeadEvent], leads: Mapping[UUID, Lead]) -> None:
    """Save the messages that these events make for those who can be reached."""
    users = await store.access.load_reachable_users(tx)
    if users:
        now = datetime.now(UTC)
        await store.messages.save_messages(
            tx, make_messages_for_events(events, leads, users, tx.playbook(DeskPlaybook), (tx.now, now))
        )


async def save_digest_messages(service: "Service[PageSettings]", now: datetime) -> None:
    """Save the messages about the week that ended for those whose Monday morning it is; again changes nothing."""
    async with service.transaction() as tx:
        users = await store.access.load_reachable_users(tx)
        await store.messages.save_messages(tx, make_digest_messages(users, tx.playbook(DeskPlaybook), now))
