"""What this service does with each event: add it to what is known of its lead and to its contact's story."""

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from desk import domain, store
from desk.domain import Lead
from desk.handlers.changes import announce
from desk.handlers.notices import notify
from events.contacts import CampaignAnnounced, ContactErased, ContactMerged, ContactProfile, ContactUnmerged
from events.envelope import ContactEvent, Event, LeadEvent
from events.leads import LeadLifecycle
from events.runtime import Transaction, merges
from events.sla import ClockEvent, LeadPromised

E = TypeVar("E", bound=Event)


async def on_contacts_profiles(batch: Sequence[ContactProfile], tx: Transaction) -> None:
    """Keep the newest profile of each contact."""
    known = await _of_the_living(batch, tx)
    await store.save_people(tx, known)
    await announce(tx, await store.pages.owners_of(tx, {profile.contact_id for profile in known}))


async def on_contacts_merged(batch: Sequence[ContactMerged | ContactUnmerged], tx: Transaction) -> None:
    """Know which contacts are one person."""
    await merges.record(tx, batch, store.erased)
    await store.save_entries(tx, filter(None, map(domain.entry_of, await _of_the_living(batch, tx))))


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Erase contacts, and publish the receipts with how many rows that were."""
    ids = {event.contact_id for event in batch}
    owners = await store.pages.owners_of(tx, ids)
    rows = await store.erase(tx, ids)
    for contact_id in sorted(ids):
        rows[contact_id] += await tx.erase([contact_id])
    for receipt in domain.receipts(batch, rows, tx.service, tx.now):
        tx.emit(receipt)
    await announce(tx, owners)


async def on_leads_qualified(batch: Sequence[Event], tx: Transaction) -> None:
    """Know why a contact is a lead."""
    await _apply(batch, tx)


async def on_leads_assigned(batch: Sequence[Event], tx: Transaction) -> None:
    """Know who has a lead, and tell them."""
    await _apply(batch, tx)


async def on_leads_worked(batch: Sequence[Event], tx: Transaction) -> None:
    """Know what was done with a lead."""
    await _apply(batch, tx)


async def on_leads_recycled(batch: Sequence[Event], tx: Transaction) -> None:
    """Know what came back and why."""
    await _apply(batch, tx)


async def on_leads_promised(batch: Sequence[LeadPromised], tx: Transaction) -> None:
    """Know what is due when."""
    await _apply(batch, tx, in_story=False)


async def on_sla_flagged(batch: Sequence[ClockEvent], tx: Transaction) -> None:
    """Know which promises were kept and missed."""
    known = await _of_the_living(batch, tx)
    await store.save_promises(tx, [fact for event in known if (fact := domain.promise_of(event))])
    await _apply(known, tx)


async def on_leads_lifecycle(batch: Sequence[LeadLifecycle], tx: Transaction) -> None:
    """Know where each of a contact's leads stands."""
    known = await _of_the_living(batch, tx)
    cycles = [(event, cycle) for event in known for cycle in event.cycles]
    leads = await _load(tx, {cycle.lead_id: (cycle.contact_id or e.contact_id, cycle.cycle) for e, cycle in cycles})
    gone = await store.erased(tx, {lead.contact_id for lead in leads.values()})
    for event, cycle in cycles:
        leads[cycle.lead_id] = domain.add_cycle(leads[cycle.lead_id], event, cycle)
    await _save(tx, [lead for lead in leads.values() if lead.contact_id not in gone])


async def on_campaigns_announced(batch: Sequence[CampaignAnnounced], tx: Transaction) -> None:
    """Know what marketing runs."""
    await store.save_campaigns(tx, batch)


async def _apply(batch: Iterable[Event], tx: Transaction, *, in_story: bool = True) -> None:
    """Add events to their leads, and to the stories of their contacts where they stand there (`in_story`)."""
    known = await _of_the_living([event for event in batch if isinstance(event, Event)], tx)
    about = [event for event in known if isinstance(event, LeadEvent)]
    leads = await _load(tx, {event.lead_id: (event.contact_id, event.cycle) for event in about})
    for event in about:
        leads[event.lead_id] = domain.add_event(leads[event.lead_id], event)
    if in_story:
        await store.save_entries(tx, filter(None, map(domain.entry_of, known)))
    await _save(tx, list(leads.values()))
    await notify(tx, about, leads)


async def _load(tx: Transaction, wanted: dict[UUID, tuple[UUID, int]]) -> dict[UUID, Lead]:
    known = await store.load_leads(tx, wanted) if wanted else {}
    return {
        lead_id: known.get(lead_id) or Lead(lead_id, contact_id, cycle)
        for lead_id, (contact_id, cycle) in wanted.items()
    }


async def _save(tx: Transaction, leads: Sequence[Lead]) -> None:
    if leads:
        before = await store.pages.owners_of(tx, {lead.contact_id for lead in leads})
        rows = await store.save_leads(tx, leads)
        await announce(tx, before | {name for row in rows for name in (row["owner_id"], row["team"]) if name})


async def _of_the_living(batch: Collection[E], tx: Transaction) -> list[E]:
    """Return the events about contacts who were not erased."""
    ids = {event.contact_id for event in batch if isinstance(event, ContactEvent)}
    gone = await store.erased(tx, ids) if ids else set()
    return [event for event in batch if getattr(event, "contact_id", None) not in gone]
