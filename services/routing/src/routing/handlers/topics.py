"""What routing does with each event: load, decide, save, publish."""

from collections import Counter
from collections.abc import Sequence

from events.contacts import (
    AccountChanged,
    CampaignAnnounced,
    ConsentChanged,
    ContactErased,
    ContactMerged,
    ContactPostponed,
    ContactUnmerged,
)
from events.envelope import Event
from events.leads import Ended, LeadCooled, LeadFacts, LeadRegraded, LeadRejected, LeadStrengthened, Worked
from events.runtime import Transaction, merges
from events.sla import ClockEscalated
from routing import domain, store
from routing.domain import Lead
from routing.handlers.pending_decisions import PendingDecisions, successor_teams
from routing.playbook import RoutingPlaybook


async def on_leads_qualified(
    batch: Sequence[LeadFacts | LeadRegraded | LeadStrengthened | LeadCooled], tx: Transaction
) -> None:
    """Assign each qualified lead to the rep best placed to follow it up, or queue it."""
    leads = await store.leads.load_for_events(tx, batch)
    events = [event for event in batch if event.lead_id in leads]
    if not events:
        return
    qualified = [event for event in events if isinstance(event, LeadFacts)]
    teams = {lead.team for lead in leads.values() if not lead.ended}
    context = await store.load_context(tx, tx.playbook(RoutingPlaybook), qualified, teams)
    pending = PendingDecisions(leads, context)
    for event in events:
        lead = pending.leads[event.lead_id]
        if isinstance(event, LeadCooled):
            pending.apply(domain.cool(lead, pending.context, tx.now), tx)
        elif isinstance(event, LeadRegraded):
            pending.apply(domain.regrade(lead, event, pending.context), tx)
        elif isinstance(event, LeadStrengthened):
            pending.apply(domain.strengthen(lead, event, pending.context, tx.now), tx)
        else:
            pending.apply(domain.place(lead, event, pending.context, tx.now, may_wait=True), tx)
    await pending.save(tx)


async def on_leads_worked(batch: Sequence[Event], tx: Transaction) -> None:
    """Record who works their leads, close what was won or lost, and route rejected leads again."""
    events = [event for event in batch if isinstance(event, Worked)]
    playbook = tx.playbook(RoutingPlaybook)
    reassignable = [event for event in events if domain.may_reassign(event, playbook)]
    pending = await _load_pending(tx, events, reassignable)
    for event in events:
        if event.lead_id in pending.leads:
            pending.apply(domain.apply_work(pending.leads[event.lead_id], event, pending.context, tx.now), tx)
    await pending.save(tx)


async def on_leads_recycled(batch: Sequence[Event], tx: Transaction) -> None:
    """Release leads that go back to marketing or are closed: their reps have capacity again."""
    events = [event for event in batch if isinstance(event, Ended)]
    junk = tx.playbook(RoutingPlaybook).fairness.junk
    pending = await _load_pending(tx, events, [event for event in events if event.reason in junk])
    for event in events:
        if event.lead_id in pending.leads:
            pending.apply(
                domain.release(pending.leads[event.lead_id], pending.context, tx.now, reason=event.reason), tx
            )
    await pending.save(tx)


async def on_sla_flagged(batch: Sequence[Event], tx: Transaction) -> None:
    """Apply escalated clocks: assign another rep, or escalate to the manager. Routing alone reassigns."""
    events = [event for event in batch if isinstance(event, ClockEscalated) and event.action in ("reassign", "manager")]
    pending = await _load_pending(tx, events, [event for event in events if event.action == "reassign"])
    for event in events:
        if event.lead_id in pending.leads:
            pending.apply(domain.escalate(pending.leads[event.lead_id], event, pending.context, tx.now), tx)
    await pending.save(tx)


async def on_contacts_wishes(batch: Sequence[ConsentChanged | ContactPostponed], tx: Transaction) -> None:
    """Release leads whose contact refuses contact by sales or postpones it; later leads respect it too."""
    preferences = await store.preferences.save_preferences(tx, batch)
    people = await merges.merged(tx, preferences, lock=True)
    ids_of = {each: people[each].contact_ids if each in people else (each,) for each in preferences}
    everybody = {each for ids in ids_of.values() for each in ids}
    leads = await store.leads.of_contacts(tx, everybody, "unplaced", "queued", "assigned")
    pending = PendingDecisions.without_pools(leads, tx.playbook(RoutingPlaybook), tx.playbook_version)
    for event in batch:
        same_person = ids_of.get(event.contact_id, ())
        for lead in [each for each in pending.leads.values() if each.contact_id in same_person]:
            pending.apply(
                domain.apply_contact_preference(lead, event, preferences[event.contact_id], pending.context, tx.now), tx
            )
    await pending.save(tx)


async def on_accounts_changed(batch: Sequence[AccountChanged], tx: Transaction) -> None:
    """Save who owns which account."""
    await store.reference.put_accounts(tx, batch)


async def on_campaigns_announced(batch: Sequence[CampaignAnnounced], tx: Transaction) -> None:
    """Save the briefs and material that travel with leads."""
    await store.reference.put_campaigns(tx, batch)


async def on_contacts_merged(batch: Sequence[ContactMerged | ContactUnmerged], tx: Transaction) -> None:
    """Save which contacts are one person: a rep who had one of them has a claim on the other."""
    await merges.record(tx, batch, store.erasure.erased)


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Erase these contacts and publish the receipts; later events about them are ignored."""
    for event in batch:
        rows, reps = await store.erasure.erase(tx, event.contact_id)
        store.timers.drain_now(tx, await store.release_capacity(tx, Counter(reps)))
        rows += await merges.forget(tx, [event.contact_id])
        rows += await tx.erase([event.contact_id])
        tx.emit(event.receipt(tx.service, rows, tx.now))


async def _load_pending(
    tx: Transaction,
    events: Sequence[Worked | Ended | ClockEscalated],
    reassignable: Sequence[Worked | Ended | ClockEscalated],
) -> PendingDecisions:
    """Load the leads of these events; lock pools only where a lead may be reassigned or a turn refunded.

    The pools are those of the leads' teams, of the teams they may go on to, of their managers, and of the reps they may
    go back to.
    """
    leads = await store.leads.load_for_events(tx, events)
    playbook = tx.playbook(RoutingPlaybook)
    wanted = {event.lead_id for event in reassignable}
    moving = [lead for lead in leads.values() if lead.lead_id in wanted and lead.rep_id is not None]
    if not moving:
        return PendingDecisions.without_pools(leads, playbook, tx.playbook_version)
    full = await store.leads.load(tx, [lead.lead_id for lead in moving if lead.state == "assigned"])
    routed: list[tuple[Lead, str | None]] = [(lead, None) for lead in full.values()]
    rejections = [event for event in reassignable if isinstance(event, LeadRejected) and event.lead_id in full]
    routed += [(full[event.lead_id].correcting(event.corrected), event.reason) for event in rejections]
    teams = {lead.team for lead in moving} | {domain.next_team(lead, playbook) for lead in moving}
    teams |= await successor_teams(tx, routed, [lead.origin_rep_id for lead in moving])
    context = await store.load_context(tx, playbook, [lead.known_facts for lead, _ in routed], teams)
    return PendingDecisions(leads | full, context)
