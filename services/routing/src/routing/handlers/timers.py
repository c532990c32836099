"""Timers: serve waiting leads, move those that waited too long, share out a former rep's leads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from events.runtime import Due, Transaction
from routing import domain, store
from routing.domain import Decision, Lead, RoutingContext
from routing.handlers.calendars import publish_calendars
from routing.handlers.pending_decisions import PendingDecisions, successor_teams
from routing.playbook import RoutingPlaybook

LEADS_PER_TRANSACTION = 500
"""How many leads of a team one transaction serves; the next one goes on."""


async def drain(batch: Sequence[Due], tx: Transaction) -> None:
    """Assign waiting leads by priority, grade and age, until nobody can take one.

    The queues are read without a lock, then the contacts are locked, then the leads are read again: a lead that was
    served or withdrawn meanwhile is left out.
    """
    playbook = tx.playbook(RoutingPlaybook)
    teams = store.timers.teams_of({timer.contact_id for timer in batch}, playbook.teams)
    priorities = {name: queue.priority for name, queue in playbook.queues.items()}
    lines = await store.leads.first_waiting(tx, priorities, teams, LEADS_PER_TRANSACTION)
    await tx.lock(contact for line in lines.values() for _, contact in line)
    leads = await store.leads.load(tx, [lead for line in lines.values() for lead, _ in line])
    waiting = {lead_id: lead for lead_id, lead in leads.items() if lead.state == "queued"}
    if not waiting:
        return
    facts = [lead.known_facts for lead in waiting.values()]
    pending = PendingDecisions(leads, await store.load_context(tx, playbook, facts, teams))
    for team, line in lines.items():
        if _serve([lead_id for lead_id, _ in line if lead_id in waiting], pending, tx):
            pending.waiting_for_others.add(team)
    await pending.save(tx)


async def expire(batch: Sequence[Due], tx: Transaction) -> None:
    """Assign leads that waited too long to their team's manager, or escalate them."""
    playbook = tx.playbook(RoutingPlaybook)
    leads = await _unchanged_leads(batch, "queued", tx)
    managers = {team.manager for team in playbook.teams.values()}
    teams = {rep.team for rep in (await store.all_reps(tx, playbook)).values() if rep.rep_id in managers}
    await _decide(leads, domain.expire, teams | {lead.team for lead in leads.values()}, tx)


async def place(batch: Sequence[Due], tx: Transaction) -> None:
    """Place leads that waited for the working day of whoever should have them."""
    leads = await _unchanged_leads(batch, "unplaced", tx)
    await _decide(leads, domain.assign_or_queue, (), tx)


async def hand_to_next_team(batch: Sequence[Due], tx: Transaction) -> None:
    """Try again to hand over leads whose meeting is booked and for whom nobody in the next team was able."""
    playbook = tx.playbook(RoutingPlaybook)
    leads = await _unchanged_leads(batch, "assigned", tx)
    nexts = {lead_id: domain.next_team(lead, playbook) for lead_id, lead in leads.items()}
    going = {lead_id: lead for lead_id, lead in leads.items() if nexts[lead_id] is not None}

    def decide(lead: Lead, context: RoutingContext, now: datetime) -> Decision:
        return domain.hand_to_next_team(lead, nexts[lead.lead_id] or "", None, context, now)

    await _decide(going, decide, {*nexts.values(), *(lead.team for lead in going.values())}, tx)


async def redistribute(batch: Sequence[Due], tx: Transaction) -> None:
    """Share out the open leads of reps who left, `LEADS_PER_TRANSACTION` at a time."""
    playbook = tx.playbook(RoutingPlaybook)
    due = {timer.contact_id for timer in batch}
    reps = (await store.all_reps(tx, playbook)).values()
    left = [rep.rep_id for rep in reps if rep.status == "left" and store.timers.contact_of_rep(rep.rep_id) in due]
    found = await store.leads.open_of(tx, left, LEADS_PER_TRANSACTION)
    await tx.lock(found.values())
    leads = await store.leads.load(tx, found)
    theirs = {lead_id: lead for lead_id, lead in leads.items() if lead.state == "assigned" and lead.rep_id in left}
    teams = await successor_teams(tx, [(lead, None) for lead in theirs.values()])
    await _decide(theirs, domain.redistribute, {*teams, *(lead.team for lead in theirs.values())}, tx)
    if len(found) == LEADS_PER_TRANSACTION:
        for rep_id in left:
            store.timers.redistribute_now(tx, rep_id)


async def publish_all_calendars(_batch: Sequence[Due], tx: Transaction) -> None:
    """Publish the hours and absences of all reps that changed with the playbook."""
    await publish_calendars(tx)


async def _unchanged_leads(batch: Sequence[Due], state: str, tx: Transaction) -> dict[UUID, Lead]:
    """Return the leads that are still where they were when these timers were set."""
    keys = {timer.key for timer in batch}
    leads = await store.leads.of_contacts(tx, {timer.contact_id for timer in batch}, state)
    return {lead_id: lead for lead_id, lead in leads.items() if store.timers.placement_key(lead) in keys}


async def _decide(
    leads: Mapping[UUID, Lead],
    decide: Callable[[Lead, RoutingContext, datetime], Decision],
    teams: Iterable[str | None],
    tx: Transaction,
) -> None:
    if not leads:
        return
    facts = [lead.known_facts for lead in leads.values()]
    pending = PendingDecisions(dict(leads), await store.load_context(tx, tx.playbook(RoutingPlaybook), facts, teams))
    for lead in leads.values():
        pending.apply(decide(lead, pending.context, tx.now), tx)
    await pending.save(tx)


def _serve(line: Sequence[UUID], pending: PendingDecisions, tx: Transaction) -> bool:
    """Serve one team's queues in order, up to the first lead that nobody can take.

    A lead that everybody who is able has had lets the others pass. Returns whether only such leads are left.
    """
    passed = False
    for lead_id in line:
        lead = pending.leads[lead_id]
        if pending.apply(domain.serve_from_queue(lead, pending.context, tx.now), tx):
            continue
        if not lead.had_by:
            return False
        passed = True
    return passed and len(line) < LEADS_PER_TRANSACTION
