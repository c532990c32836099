"""The use cases: hear what happened to a lead, look at it when its timer falls due, forget a contact.

Whatever is heard goes the same way: add it to what is known, compute the clocks again, save and say what is new. So no
handler depends on what was heard before, and a lead may be half known for as long as it takes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from events.contacts import ContactErased, ErasureReceipt
from events.envelope import Event, LeadEvent
from events.ids import derive
from events.leads import (
    LeadAssigned,
    LeadCooled,
    LeadQualified,
    LeadQueued,
    LeadReleased,
    LeadUpgraded,
    LeadWoken,
)
from events.runtime import Due, Transaction
from events.runtime.errors import DomainError
from events.sla import ClockEvent
from sla_monitor import domain, store
from sla_monitor.domain import Facts
from sla_monitor.store import Watched

WATCH = "watch"
"""One timer a lead, keyed by it, set to the least instant at which one of its clocks has something to flag."""

AGREEMENT = "agreement"
"""Set by the database as another version of the playbook is put in force: its calendars move what remains of clocks."""

REPLAN = "replan"
"""So it becomes one timer for each lead that has a running clock."""


class LeadUnknown(DomainError):
    """No such lead."""

    code = "lead_unknown"
    status = 404


async def on_leads_qualified(batch: Sequence[LeadQualified | LeadUpgraded | LeadCooled], tx: Transaction) -> None:
    """Start the clock of speed to lead; a hand-raise inside the cycle brings a faster promise."""
    await _hear((event for event in batch if not isinstance(event, LeadCooled)), tx)


async def on_leads_assigned(batch: Sequence[LeadQueued | LeadAssigned | LeadReleased], tx: Transaction) -> None:
    """Start the lead's clocks at its hand-over, and a rep's at each assignment."""
    await _hear(batch, tx)


async def on_leads_worked(batch: Sequence[Event], tx: Transaction) -> None:
    """Stop the clocks that a touch, an accept, a meeting or an outcome answers."""
    await _hear((event for event in batch if isinstance(event, LeadEvent)), tx)


async def on_leads_recycled(batch: Sequence[Event], tx: Transaction) -> None:
    """Cancel what still runs of a lead that went back."""
    await _hear((event for event in batch if isinstance(event, LeadEvent) and not isinstance(event, LeadWoken)), tx)


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Forget contacts, and tell capture how much there was."""
    ids = {event.contact_id for event in batch}
    rows = await store.erase(tx, ids)
    for contact_id in sorted(ids):
        rows[contact_id] += await tx.erase([contact_id])
    for event in batch:
        tx.emit(
            ErasureReceipt(
                occurred_at=tx.now,
                contact_id=event.contact_id,
                erasure_id=event.erasure_id,
                service=tx.service,
                rows=rows[event.contact_id],
            )
        )


async def comment(lead_id: UUID, by: str, said: str, tx: Transaction) -> None:
    """Keep what somebody says about a lead, for its review."""
    contact_id = await store.contact_of(tx, lead_id)
    if contact_id is None:
        raise LeadUnknown
    await tx.lock([contact_id])
    comment_id = derive("comment", lead_id, by, said)
    words = {"comment_id": comment_id, "lead_id": lead_id, "contact_id": contact_id}
    await store.keep_comment(tx, {**words, "at": tx.now, "by": by, "comment": said})


async def look_again(batch: Sequence[Due], tx: Transaction) -> None:
    """Have all running clocks computed again, if the calendars changed."""
    agreements, since = await store.load_agreements(tx, ()), min(timer.due_at for timer in batch)
    if any(at >= since for at, _ in agreements.history[1:]):
        await store.look_again(tx, REPLAN)


async def replan(batch: Sequence[Due], tx: Transaction) -> None:
    """Compute the clocks of leads again by the calendars in force."""
    known = await store.load_leads(tx, {timer.key for timer in batch})
    await _settle(((lead.facts, lead) for lead in known.values()), tx, fired=False)


async def watch(batch: Sequence[Due], tx: Transaction) -> None:
    """Flag what is due and unanswered."""
    known = await store.load_leads(tx, {timer.key for timer in batch})
    await _settle(((lead.facts, lead) for lead in known.values()), tx, fired=True)


async def _hear(events: Iterable[LeadEvent], tx: Transaction) -> None:
    """Learn, and settle at once, except for leads that have ended.

    The touches before an end travel on another topic and may come a moment later. So the lead's timer looks at it:
    timers wait until everything on its way was heard, and a promise that was kept is not flagged and taken back.
    """
    learned = await _learn(events, tx)
    ended = [(facts, lead) for facts, lead in learned if domain.ended_at(facts) is not None]
    for facts, lead in ended:
        _set_timer(tx, facts, tx.now, lead.next_at)
    await store.save_leads(tx, [(facts, tx.now) for facts, _ in ended])
    await _settle([(facts, lead) for facts, lead in learned if domain.ended_at(facts) is None], tx, fired=False)


async def _learn(events: Iterable[LeadEvent], tx: Transaction) -> list[tuple[Facts, Watched]]:
    """Add events to what is known of their leads; gives the facts with what was watched before."""
    told: dict[UUID, list[LeadEvent]] = {}
    for event in events:
        told.setdefault(event.lead_id, []).append(event)
    if not told:
        return []
    known = await store.load_leads(tx, told)
    forgotten = await store.erased(tx, {about[0].contact_id for about in told.values()})
    learned = []
    for lead_id, about in told.items():
        if about[0].contact_id in forgotten:
            continue
        before = known.get(lead_id)
        facts = before.facts if before else Facts(lead_id, about[0].contact_id, about[0].cycle)
        for event in about:
            facts = domain.learn(facts, event)
        learned.append((facts, before or Watched(facts, {}, None)))
    return learned


async def _settle(leads: Iterable[tuple[Facts, Watched]], tx: Transaction, *, fired: bool) -> None:
    """Bring the clocks of leads up to date; with `fired` their timers are gone and are set anew."""
    given = list(leads)
    versions = {clock.playbook_version for _, lead in given for clock in lead.clocks.values()}
    agreements = await store.load_agreements(tx, versions)
    rows, changed, gone = [], [], []
    said: list[ClockEvent] = []
    for facts, lead in given:
        settled = domain.settle(facts, lead.clocks, agreements, tx.now, fired=fired)
        _set_timer(tx, facts, settled.next_at, None if fired else lead.next_at)
        rows.append((facts, settled.next_at))
        changed += settled.changed
        gone += settled.gone
        said += settled.events
    for event in said:
        tx.emit(event)
    if said:
        await store.tell(tx, domain.messages(said, await store.webhooks(tx)))
    save = store.save_timers if fired else store.save_leads
    await save(tx, rows)
    await store.save_clocks(tx, changed)
    await store.drop_clocks(tx, gone)


def _set_timer(tx: Transaction, facts: Facts, wanted: datetime | None, there: datetime | None) -> None:
    if wanted == there:
        return
    if wanted is None:
        tx.unschedule(WATCH, facts.lead_id)
    else:
        tx.schedule(WATCH, facts.lead_id, facts.contact_id, wanted)
