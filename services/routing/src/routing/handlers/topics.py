"""What routing does with what it hears: load, decide, save, say."""

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
    ErasureReceipt,
)
from events.envelope import Event
from events.leads import Ended, LeadCooled, LeadFacts, Worked
from events.runtime import Transaction, merges
from events.sla import ClockEscalated
from routing import domain, store
from routing.handlers.desk import Desk
from routing.playbook import RoutingPlaybook


async def on_leads_qualified(batch: Sequence[LeadFacts | LeadCooled], tx: Transaction) -> None:
    """Give each qualified lead to the rep best placed to follow it up, or let it wait in line."""
    leads = await store.leads.find(tx, batch)
    news = [event for event in batch if event.lead_id in leads]
    if not news:
        return
    told = [event for event in news if isinstance(event, LeadFacts)]
    teams = {lead.team for lead in leads.values() if not lead.ended}
    floor = await store.open_floor(tx, tx.playbook(RoutingPlaybook), told, teams)
    desk = Desk(leads, floor)
    for event in news:
        lead = desk.leads[event.lead_id]
        if isinstance(event, LeadCooled):
            desk.take(domain.cool(lead, desk.floor, tx.now), tx)
        else:
            desk.take(domain.place(lead, event, desk.floor, tx.now), tx)
    await desk.save(tx)


async def on_leads_worked(batch: Sequence[Event], tx: Transaction) -> None:
    """Note who works their leads, close what was won or lost, and give rejected leads to somebody else."""
    news = [event for event in batch if isinstance(event, Worked)]
    playbook = tx.playbook(RoutingPlaybook)
    again = [event for event in news if domain.may_change_hands(event, playbook)]
    desk = await _desk(tx, news, again)
    for event in news:
        if event.lead_id in desk.leads:
            desk.take(domain.hear(desk.leads[event.lead_id], event, desk.floor, tx.now), tx)
    await desk.save(tx)


async def on_leads_recycled(batch: Sequence[Event], tx: Transaction) -> None:
    """Release what goes back to marketing or is closed: the rep has room again, marketing may speak again."""
    news = [event for event in batch if isinstance(event, Ended)]
    junk = tx.playbook(RoutingPlaybook).fairness.junk
    desk = await _desk(tx, news, [event for event in news if event.reason in junk])
    for event in news:
        if event.lead_id in desk.leads:
            desk.take(domain.release(desk.leads[event.lead_id], desk.floor, tx.now, reason=event.reason), tx)
    await desk.save(tx)


async def on_sla_flagged(batch: Sequence[Event], tx: Transaction) -> None:
    """Carry out what missed promises ask: another rep, or a word to the manager. Routing alone reassigns."""
    news = [event for event in batch if isinstance(event, ClockEscalated) and event.action in ("reassign", "manager")]
    desk = await _desk(tx, news, [event for event in news if event.action == "reassign"])
    for event in news:
        if event.lead_id in desk.leads:
            desk.take(domain.escalate(desk.leads[event.lead_id], event, desk.floor, tx.now), tx)
    await desk.save(tx)


async def on_contacts_wishes(batch: Sequence[ConsentChanged | ContactPostponed], tx: Transaction) -> None:
    """Release leads whose contact refuses contact by sales or puts it off; it holds for leads still to come as well."""
    wishes = await store.wishes.hear(tx, batch)
    people = await merges.merged(tx, wishes, lock=True)
    theirs = {one: people[one].contact_ids if one in people else (one,) for one in wishes}
    leads = await store.leads.of_contacts(tx, {one for ids in theirs.values() for one in ids}, "queued", "assigned")
    desk = Desk.without_floor(leads, tx.playbook(RoutingPlaybook), tx.playbook_version)
    for event in batch:
        for lead in [one for one in desk.leads.values() if one.contact_id in theirs.get(event.contact_id, ())]:
            desk.take(domain.heed(lead, event, wishes[event.contact_id], desk.floor, tx.now), tx)
    await desk.save(tx)


async def on_accounts_changed(batch: Sequence[AccountChanged], tx: Transaction) -> None:
    """Remember who owns which account."""
    await store.reference.put_accounts(tx, batch)


async def on_campaigns_announced(batch: Sequence[CampaignAnnounced], tx: Transaction) -> None:
    """Remember what marketing announced, for the briefs that travel with leads."""
    await store.reference.put_campaigns(tx, batch)


async def on_contacts_merged(batch: Sequence[ContactMerged | ContactUnmerged], tx: Transaction) -> None:
    """Remember who is one person: whoever had one of them knows the other."""
    await merges.record(tx, batch)


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Forget these contacts and say so; what is still on its way about them is not taken up again."""
    for event in batch:
        rows, reps = await store.leads.erase(tx, event.contact_id)
        store.timers.look_now(tx, await store.free(tx, Counter(reps)))
        rows += await merges.forget(tx, [event.contact_id])
        rows += await tx.erase([event.contact_id])
        tx.emit(
            ErasureReceipt(
                contact_id=event.contact_id,
                occurred_at=tx.now,
                erasure_id=event.erasure_id,
                service=tx.service,
                rows=rows,
            )
        )


async def _desk(
    tx: Transaction, news: Sequence[Worked | Ended | ClockEscalated], again: Sequence[Worked | Ended | ClockEscalated]
) -> Desk:
    """Find the leads; hold pools only where some of them (`again`) may be given to somebody else, or turns given back.

    The pools are those of the leads' teams, of the teams they may go on to, and of the reps they may go back to.
    """
    leads = await store.leads.find(tx, news)
    playbook = tx.playbook(RoutingPlaybook)
    wanted = {event.lead_id for event in again}
    moving = [lead for lead in leads.values() if lead.lead_id in wanted and lead.rep_id is not None]
    if not moving:
        return Desk.without_floor(leads, playbook, tx.playbook_version)
    teams = {lead.team for lead in moving} | {domain.next_team(lead, playbook) for lead in moving}
    if origins := {lead.origin_rep_id for lead in moving if lead.origin_rep_id}:
        teams |= {rep.team for rep in (await store.everybody(tx, playbook)).values() if rep.rep_id in origins}
    full = await store.leads.load(tx, [lead.lead_id for lead in moving if lead.state == "assigned"])
    floor = await store.open_floor(tx, playbook, [lead.known_facts for lead in full.values()], teams)
    return Desk(leads | full, floor)
