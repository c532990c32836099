"""Put the messages of events into the database with them; whoever sends them finds them there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from desk import store
from desk.domain import Lead, Viewer
from desk.domain.meetings import change_meetings
from desk.domain.notices import TOO_OLD, make_digest_messages, make_meeting_messages, make_messages_for_events
from desk.playbook import DeskPlaybook
from events.envelope import LeadEvent
from events.runtime import Transaction
from events.runtime.loops import run_rounds
from events.sla import LeadPromised

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

WEEK_LOOK_SECONDS = 60.0
"""How often it is looked whether a week's message is due for somebody."""


async def save_messages_about_events(tx: Transaction, events: Iterable[LeadEvent], leads: Mapping[UUID, Lead]) -> None:
    """Save the messages that these events make for those who can be reached.

    A promise makes none, but what waits may be urgent by it.
    """
    users = await store.access.load_reachable_users(tx)
    if not users:
        return
    now, happened = datetime.now(UTC), list(events)
    made = make_messages_for_events(happened, leads, users, tx.playbook(DeskPlaybook), (tx.now, now))
    await store.messages.save_messages(tx, made)
    promised = {event.lead_id for event in happened if isinstance(event, LeadPromised)}
    await store.messages.look_again(tx, now, lead_ids=sorted(promised))
    await _save_messages_about_meetings(tx, happened, leads, users, now)


async def _save_messages_about_meetings(
    tx: Transaction, events: Sequence[LeadEvent], leads: Mapping[UUID, Lead], users: Sequence[Viewer], now: datetime
) -> None:
    """Save which rep has which meeting, and messages to those for whom that is another than before."""
    met = [lead for lead in leads.values() if lead.get("meeting")]
    if not met:
        return
    before = await store.messages.load_announced_meetings(tx, [lead.lead_id for lead in met])
    changed = change_meetings(met, before, tx.now)
    await store.messages.save_announced_meetings(tx, [meeting for meeting, _ in changed])
    recent = {event.lead_id for event in events if event.occurred_at >= tx.now - TOO_OLD}
    announced = [(meeting, rep_ids) for meeting, rep_ids in changed if meeting.lead_id in recent]
    made = make_meeting_messages(announced, users, tx.playbook(DeskPlaybook), now)
    await store.messages.save_messages(tx, made)
    await store.messages.look_again(tx, now, lead_ids=[meeting.lead_id for meeting, _ in announced])


async def save_digests_forever(service: "Service[PageSettings]") -> None:
    """Save the messages about weeks as they end, until cancelled."""

    async def look_once() -> int:
        await save_digest_messages(service, datetime.now(UTC))
        return 0

    await run_rounds("digests", look_once, pause_seconds=WEEK_LOOK_SECONDS)


async def save_digest_messages(service: "Service[PageSettings]", now: datetime) -> None:
    """Save the messages about the week that ended for those whose Monday morning it is; again changes nothing."""
    async with service.transaction() as tx:
        users = await store.access.load_reachable_users(tx)
        await store.messages.save_messages(tx, make_digest_messages(users, tx.playbook(DeskPlaybook), now))
