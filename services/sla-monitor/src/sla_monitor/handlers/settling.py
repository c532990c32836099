"""Add events to what is known of leads, compute their clocks again, save and publish what is new.

No handler depends on what was applied before, and a lead may be half known for as long as it takes.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from events.envelope import LeadEvent
from events.runtime import Transaction
from events.sla import ClockEvent, LeadPromised
from sla_monitor import domain, store
from sla_monitor.domain import Facts
from sla_monitor.store import WatchedLead

WATCH = "watch"
"""One timer a lead, keyed by it, set to the least instant at which one of its clocks has something to flag."""

AGREEMENT = "agreement"
"""Set by the database when another version of the playbook is put in force: its calendars move running clocks."""

REPLAN = "replan"
"""So it becomes one timer for each lead that has a running clock."""

REPS = "reps"
"""Set as a rep's hours change: it becomes the same for each lead that the rep has or had."""

NOBODY = UUID(int=0)
"""The contact of timers that are about none."""


async def apply_events(events: Iterable[LeadEvent], tx: Transaction) -> None:
    """Add events to their leads and settle at once, except for leads that have ended.

    The touches before an end travel on another topic and may arrive a moment later. So the lead's timer settles it:
    timers wait until everything on its way has arrived, and a promise that was kept is not flagged and taken back.
    """
    learned = await _add_events_to_facts(events, tx)
    ended = [(facts, lead) for facts, lead in learned if domain.lead_ended_at(facts) is not None]
    for facts, lead in ended:
        _set_lead_timer(tx, facts, tx.now, lead.next_at)
    await store.save_leads(tx, [(facts, tx.now, lead.promises) for facts, lead in ended])
    await settle_leads(
        [(facts, lead) for facts, lead in learned if domain.lead_ended_at(facts) is None], tx, fired=False
    )


async def _add_events_to_facts(events: Iterable[LeadEvent], tx: Transaction) -> list[tuple[Facts, WatchedLead]]:
    """Add events to what is known of their leads; return the facts with what was stored before."""
    by_lead: dict[UUID, list[LeadEvent]] = {}
    for event in events:
        by_lead.setdefault(event.lead_id, []).append(event)
    if not by_lead:
        return []
    known, forgotten = await store.load_leads(tx, by_lead, {about[0].contact_id for about in by_lead.values()})
    learned = []
    for lead_id, about in by_lead.items():
        if about[0].contact_id in forgotten:
            continue
        before = known.get(lead_id)
        facts = before.facts if before else Facts(lead_id, about[0].contact_id, about[0].cycle)
        for event in about:
            facts = domain.add_event(facts, event)
        learned.append((facts, before or WatchedLead(facts, {}, None)))
    return learned


async def settle_leads(leads: Iterable[tuple[Facts, WatchedLead]], tx: Transaction, *, fired: bool) -> None:
    """Bring the clocks of leads up to date; with `fired` their timers are gone and are set anew."""
    given = list(leads)
    versions = {clock.playbook_version for _, lead in given for clock in lead.clocks.values()}
    agreements = await store.load_agreements(tx, versions, {rep for facts, _ in given for rep in facts.rep_ids})
    rows, changed, gone = [], [], []
    events: list[ClockEvent] = []
    promised: list[LeadPromised] = []
    for facts, lead in given:
        settled = domain.settle_clocks(facts, lead.clocks, agreements, tx.now, fired=fired)
        _set_lead_timer(tx, facts, settled.next_at, None if fired else lead.next_at)
        promise = domain.promised_event(facts, lead.clocks, settled, lead.promises + 1, tx.now)
        promised += [promise] if promise else []
        rows.append((facts, settled.next_at, lead.promises + (promise is not None)))
        changed += settled.changed
        gone += settled.gone
        events += settled.events
    for event in (*events, *promised):
        tx.emit(event)
    if events:
        await store.save_messages(tx, domain.make_messages(events, await store.load_webhooks(tx)))
    await store.save_leads(tx, rows, changed, fired=fired)
    await store.delete_clocks(tx, gone)


def _set_lead_timer(tx: Transaction, facts: Facts, wanted: datetime | None, there: datetime | None) -> None:
    if wanted == there:
        return
    if wanted is None:
        tx.unschedule(WATCH, facts.lead_id)
    else:
        tx.schedule(WATCH, facts.lead_id, facts.contact_id, wanted)
