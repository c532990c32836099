"""What routing does with each event: load, decide, save, publish."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from events.contacts import (
    AccountChanged,
    CampaignAnnounced,
    ContactErased,
    ContactMerged,
    ContactPostponed,
    ContactPreferenceEvent,
    ContactScheduled,
    ContactUnmerged,
)
from events.envelope import Event
from events.leads import (
    CycleEndEvent,
    LeadCooled,
    LeadFacts,
    LeadRegraded,
    LeadRejected,
    LeadStrengthened,
    LeadWorkEvent,
    MeetingChanged,
)
from events.runtime import Transaction, merges
from events.sla import ClockEscalated
from routing import domain, store
from routing.domain import WANTS_SLOT, ContactIds, ContactPreferences, Lead
from routing.handlers.pending_decisions import PendingDecisions, find_successor_teams
from routing.playbook import RoutingPlaybook


async def on_leads_qualified(
    batch: Sequence[LeadFacts | LeadRegraded | LeadStrengthened | LeadCooled], tx: Transaction
) -> None:
    """Assign each qualified lead to the rep best placed to follow it up, or queue it."""
    leads = await store.leads.load_or_begin_leads(tx, batch)
    events = [event for event in batch if event.lead_id in leads]
    if not events:
        return
    known = [leads[event.lead_id].with_facts(event).known_facts for event in events if isinstance(event, LeadFacts)]
    teams = {lead.team for lead in leads.values() if not lead.is_ended}
    context = await store.load_context(tx, tx.playbook(RoutingPlaybook), known, teams)
    context = await store.context_with_booked_times(tx, context, [lead.meeting_at for lead in leads.values()])
    pending = PendingDecisions(leads, context)
    for event in events:
        lead = pending.leads[event.lead_id]
        if isinstance(event, LeadCooled):
            pending.add_and_publish(domain.apply_cooling(lead, pending.context, tx.now), tx)
        elif isinstance(event, LeadRegraded):
            pending.add_and_publish(domain.apply_regrade(lead, event, pending.context), tx)
        elif isinstance(event, LeadStrengthened):
            pending.add_and_publish(domain.apply_strengthening(lead, event, pending.context, tx.now), tx)
        else:
            pending.add_and_publish(domain.place_lead(lead, event, pending.context, tx.now, may_wait=True), tx)
    await pending.save(tx)


async def on_leads_worked(batch: Sequence[Event], tx: Transaction) -> None:
    """Record who works their leads, close what was won or lost, and route rejected leads again."""
    events = [event for event in batch if isinstance(event, LeadWorkEvent)]
    playbook = tx.playbook(RoutingPlaybook)
    reassignable = [event for event in events if domain.may_reassign(event, playbook)]
    pending = await _load_pending_decisions(tx, events, reassignable)
    for event in events:
        if event.lead_id in pending.leads:
            pending.add_and_publish(domain.apply_work(pending.leads[event.lead_id], event, pending.context, tx.now), tx)
    await pending.save(tx)


async def on_leads_recycled(batch: Sequence[Event], tx: Transaction) -> None:
    """Release leads that go back to marketing or are closed: their reps have capacity again."""
    events = [event for event in batch if isinstance(event, CycleEndEvent)]
    junk = tx.playbook(RoutingPlaybook).fairness.junk
    pending = await _load_pending_decisions(tx, events, [event for event in events if event.reason in junk])
    for event in events:
        if event.lead_id in pending.leads:
            pending.add_and_publish(
                domain.release_lead(pending.leads[event.lead_id], pending.context, tx.now, reason=event.reason), tx
            )
    await pending.save(tx)


async def on_sla_flagged(batch: Sequence[Event], tx: Transaction) -> None:
    """Apply escalated clocks: assign another rep, or escalate to the manager. Routing alone reassigns."""
    events = [event for event in batch if isinstance(event, ClockEscalated) and event.action in ("reassign", "manager")]
    pending = await _load_pending_decisions(tx, events, [event for event in events if event.action == "reassign"])
    for event in events:
        if event.lead_id in pending.leads:
            pending.add_and_publish(
                domain.apply_escalation(pending.leads[event.lead_id], event, pending.context, tx.now), tx
            )
    await pending.save(tx)


async def on_contacts_wishes(batch: Sequence[ContactPreferenceEvent], tx: Transaction) -> None:
    """Release leads whose contact refuses contact by sales or postpones it, and book the slots that contacts ask for.

    Later leads respect what was said too.
    """
    preferences = await store.preferences.save_preferences(tx, batch)
    people = await merges.load_merged_people_of_contacts(tx, preferences, lock=True)
    ids_of = {each: people[each].contact_ids if each in people else (each,) for each in preferences}
    others = {each for ids in ids_of.values() for each in ids} - preferences.keys()
    preferences |= await store.preferences.load_preferences(tx, others) if others else {}
    events = [(event, ids_of[event.contact_id]) for event in batch if event.contact_id in ids_of]
    await _apply_preferences(events, preferences, tx)


async def _apply_preferences(
    events: Sequence[tuple[ContactPreferenceEvent, ContactIds]],
    preferences: Mapping[UUID, ContactPreferences],
    tx: Transaction,
) -> None:
    """Apply what contacts said to the open leads of these contacts, who are the same person."""
    people = {same_person for _, same_person in events}
    everybody = {each for same_person in people for each in same_person}
    leads = await store.leads.load_leads_of_contacts(tx, everybody, "unplaced", "queued", "assigned")
    leads_of = domain.group_leads_by_person(leads.values(), people)
    pending = await _load_pending_for_schedules(leads_of, leads, events, preferences, tx)
    for event, same_person in events:
        latest = _latest_schedule_of_person(same_person, preferences)
        for lead in [pending.leads[each.lead_id] for each in leads_of.get(same_person, ())]:
            if isinstance(event, ContactScheduled):
                decision = domain.apply_preferred_time(lead, latest, pending.context, tx.now)
            else:
                known = latest if isinstance(event, ContactPostponed) else preferences[event.contact_id]
                decision = domain.apply_contact_preference(lead, event, known, pending.context, tx.now)
            pending.add_and_publish(decision, tx)
    await pending.save(tx)


def _latest_schedule_of_person(
    same_person: ContactIds, preferences: Mapping[UUID, ContactPreferences]
) -> ContactPreferences:
    return domain.latest_schedule(preferences[each] for each in same_person if each in preferences)


async def _load_pending_for_schedules(
    leads_of: Mapping[ContactIds, Sequence[Lead]],
    leads: Mapping[UUID, Lead],
    events: Sequence[tuple[ContactPreferenceEvent, ContactIds]],
    preferences: Mapping[UUID, ContactPreferences],
    tx: Transaction,
) -> PendingDecisions:
    """Load pending decisions, with the pools of the leads that a time may move or place."""
    playbook = tx.playbook(RoutingPlaybook)
    moving = [
        domain.lead_with_requested_time(lead, _latest_schedule_of_person(same_person, preferences))
        for event, same_person in events
        if isinstance(event, ContactScheduled)
        for lead in leads_of.get(same_person, ())
        if event.preference == WANTS_SLOT or lead.state == "unplaced"
    ]
    if not moving:
        return PendingDecisions.start_without_pools(leads, playbook, tx.playbook_version)
    facts = [lead.known_facts for lead in moving]
    return PendingDecisions(dict(leads), await store.load_context(tx, playbook, facts, {lead.team for lead in moving}))


async def on_accounts_changed(batch: Sequence[AccountChanged], tx: Transaction) -> None:
    """Save who owns which account."""
    await store.reference.save_accounts(tx, batch)


async def on_campaigns_announced(batch: Sequence[CampaignAnnounced], tx: Transaction) -> None:
    """Save the briefs and material that travel with leads."""
    await store.reference.save_campaigns(tx, batch)


async def on_contacts_merged(batch: Sequence[ContactMerged | ContactUnmerged], tx: Transaction) -> None:
    """Save which contacts are one person: a rep who had one of them has a claim on the other.

    A time that one of them asked for counts for the lead of the other.
    """
    people = await merges.record_merges(tx, batch, store.erasure.find_erased_contacts)
    ids_of = {each: person.contact_ids for person in people.values() for each in person.contact_ids}
    preferences = await store.preferences.load_preferences(tx, ids_of)
    asked = [each.requested_schedule for each in preferences.values() if each.requested_schedule is not None]
    if asked:
        await _apply_preferences([(event, ids_of[event.contact_id]) for event in asked], preferences, tx)


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Erase these contacts and publish the receipts; later events about them are ignored."""
    for event in batch:
        rows, reps = await store.erasure.erase(tx, event.contact_id)
        store.timers.schedule_drain_now(tx, await store.reduce_open_lead_counts(tx, Counter(reps)))
        rows += await merges.delete_merges(tx, [event.contact_id])
        rows += await tx.erase([event.contact_id])
        tx.emit(event.build_receipt(tx.service, rows, tx.now))


async def _load_pending_decisions(
    tx: Transaction,
    events: Sequence[LeadWorkEvent | CycleEndEvent | ClockEscalated],
    reassignable: Sequence[LeadWorkEvent | CycleEndEvent | ClockEscalated],
) -> PendingDecisions:
    """Load the leads of these events; lock pools only where a lead may be reassigned or a turn refunded.

    The pools are those of the leads' teams, of the teams they may go on to, of their managers, and of the reps they may
    go back to.
    """
    leads = await store.leads.load_or_begin_leads(tx, events)
    playbook = tx.playbook(RoutingPlaybook)
    wanted = {event.lead_id for event in reassignable}
    moving = [lead for lead in leads.values() if lead.lead_id in wanted and lead.rep_id is not None]
    if not moving:
        return PendingDecisions.start_without_pools(leads, playbook, tx.playbook_version)
    full = await store.leads.load_leads(tx, [lead.lead_id for lead in moving if lead.state == "assigned"])
    routed: list[tuple[Lead, str | None]] = [(lead, None) for lead in full.values()]
    rejections = [event for event in reassignable if isinstance(event, LeadRejected) and event.lead_id in full]
    routed += [(full[event.lead_id].with_corrections(event.corrected), event.reason) for event in rejections]
    teams = {lead.team for lead in moving} | {domain.next_team_after_booking(lead, playbook) for lead in moving}
    teams |= await find_successor_teams(tx, routed, [lead.origin_rep_id for lead in moving])
    context = await store.load_context(tx, playbook, [lead.known_facts for lead, _ in routed], teams)
    starts = [event.starts_at for event in reassignable if isinstance(event, MeetingChanged)]
    meetings = [*starts, *(lead.meeting_at for lead in full.values())]
    return PendingDecisions(leads | full, await store.context_with_booked_times(tx, context, meetings))
