"""What this service does with each event: add it to what is known of its lead and to its contact's story."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from desk import domain, store
from desk.domain import Lead
from desk.handlers.changes import announce_changes, make_announcement_writes
from desk.handlers.notices import save_messages_about_events
from desk.store import KnownState
from events.contacts import CampaignAnnounced, ContactErased, ContactMerged, ContactProfile, ContactUnmerged
from events.envelope import ContactEvent, Event, LeadEvent
from events.leads import LeadLifecycle
from events.rep_calendars import calendar_from_hours
from events.reps import RepChanged
from events.runtime import Reject, Transaction, merges
from events.runtime.bulk import Write
from events.sla import ClockEvent, LeadPromised

E = TypeVar("E", bound=Event)


async def on_contacts_profiles(batch: Sequence[ContactProfile], tx: Transaction) -> None:
    """Keep the newest profile of each contact."""
    known = await store.load_known(tx, {profile.contact_id for profile in batch})
    people = store.build_profile_writes([profile for profile in batch if profile.contact_id not in known.erased])
    await tx.write_together(*people, *make_announcement_writes(known.owners))


async def on_contacts_merged(batch: Sequence[ContactMerged | ContactUnmerged], tx: Transaction) -> None:
    """Know which contacts are one person."""
    await merges.record_merges(tx, batch, store.find_erased_contacts)
    known = await store.load_known(tx, {event.contact_id for event in batch})
    await tx.write_together(
        *store.build_story_writes(filter(None, map(domain.make_story_entry, _without_erased_contacts(batch, known))))
    )


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Erase contacts, and publish the receipts with how many rows that were."""
    ids = {event.contact_id for event in batch}
    owners = await store.pages.load_owners(tx, ids)
    rows = await store.erase(tx, ids)
    for contact_id in sorted(ids):
        rows[contact_id] += await tx.erase([contact_id])
    for receipt in domain.make_erasure_receipts(batch, rows, tx.service, tx.now):
        tx.emit(receipt)
    await announce_changes(tx, owners)


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
    await _apply(batch, tx)


async def on_leads_lifecycle(batch: Sequence[LeadLifecycle], tx: Transaction) -> None:
    """Know where each of a contact's leads stands."""
    wanted = _leads_in_events(batch)
    contacts = {event.contact_id for event in batch} | {contact_id for contact_id, _ in wanted.values()}
    known = await store.load_known(tx, contacts, wanted)
    living = _without_erased_contacts(batch, known)
    leads = _known_or_new_leads(known, _leads_in_events(living))
    for event in living:
        for cycle in event.cycles:
            leads[cycle.lead_id] = domain.with_lifecycle(leads[cycle.lead_id], event, cycle)
    await _save(tx, known, [lead for lead in leads.values() if lead.contact_id not in known.erased])


async def on_reps_changed(batch: Sequence[RepChanged], tx: Transaction) -> None:
    """Know when reps work: messages that wait for them are sent by that.

    Raises:
        Reject: The hours of a rep make no calendar.
    """
    for event in batch:
        try:
            calendar_from_hours(event.hours, event.occurred_at)
        except ValueError as error:
            raise Reject("hours_invalid") from error
    await store.rep_calendars.save_rep_calendars(tx, batch)
    await store.messages.look_again(tx, datetime.now(UTC), rep_ids=sorted({event.rep_id for event in batch}))


async def on_campaigns_announced(batch: Sequence[CampaignAnnounced], tx: Transaction) -> None:
    """Know what marketing runs."""
    await store.save_campaigns(tx, batch)


async def _apply(batch: Iterable[Event], tx: Transaction, *, in_story: bool = True) -> None:
    """Add events to their leads and promises, and to the stories of their contacts where they stand there."""
    events = list(batch)
    about = [event for event in events if isinstance(event, LeadEvent)]
    contacts = {event.contact_id for event in events if isinstance(event, ContactEvent)}
    known = await store.load_known(tx, contacts, {event.lead_id for event in about})
    events, about = _without_erased_contacts(events, known), _without_erased_contacts(about, known)
    leads = _known_or_new_leads(known, {event.lead_id: (event.contact_id, event.cycle) for event in about})
    for event in about:
        leads[event.lead_id] = domain.add_event(leads[event.lead_id], event)
    writes = store.build_story_writes(filter(None, map(domain.make_story_entry, events))) if in_story else []
    rounds = store.build_promise_writes([fact for event in about if (fact := domain.read_promise_fact(event))])
    for each in rounds[:-1]:
        await tx.write_together(each)
    writes += rounds[-1:]
    await _save(tx, known, list(leads.values()), writes)
    if known.reachable:
        await save_messages_about_events(tx, about, leads)


def _leads_in_events(events: Iterable[LeadLifecycle]) -> dict[UUID, tuple[UUID, int]]:
    """Return the leads of these lives, each with its contact and cycle."""
    return {
        cycle.lead_id: (cycle.contact_id or event.contact_id, cycle.cycle) for event in events for cycle in event.cycles
    }


def _known_or_new_leads(known: KnownState, wanted: Mapping[UUID, tuple[UUID, int]]) -> dict[UUID, Lead]:
    """Return the leads as they are known; those that are not, empty, with their contact and cycle."""
    return {
        lead_id: known.leads.get(lead_id) or Lead(lead_id, contact_id, cycle)
        for lead_id, (contact_id, cycle) in wanted.items()
    }


async def _save(tx: Transaction, known: KnownState, leads: Sequence[Lead], writes: Sequence[Write] = ()) -> None:
    """Save leads with other writes, and announce it to who had and has them."""
    changed, owners = store.build_lead_writes(leads)
    await tx.write_together(*writes, *changed, *(make_announcement_writes(known.owners | owners) if leads else ()))


def _without_erased_contacts(events: Iterable[E], known: KnownState) -> list[E]:
    """Return the events about contacts who were not erased."""
    return [event for event in events if getattr(event, "contact_id", None) not in known.erased]
