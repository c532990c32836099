"""Timers: serve waiting leads, move those that waited too long, share out a former rep's leads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from events.runtime import DueTimer, Transaction
from routing import domain, store
from routing.domain import Decision, Lead, RoutingContext
from routing.handlers.calendars import publish_calendars
from routing.handlers.pending_decisions import PendingDecisions, find_successor_teams
from routing.playbook import RoutingPlaybook

LEADS_PER_TRANSACTION = 500
"""How many leads of a team one transaction serves; the next one goes on."""


async def drain_queues(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Assign waiting leads by priority, grade and age, until nobody can take one.

    The queues are read without a lock, then the contacts are locked, then the leads are read again: a lead that was
    served or withdrawn meanwhile is left out.
    """
    playbook = tx.playbook(RoutingPlaybook)
    teams = store.timers.find_teams_to_drain({timer.contact_id for timer in batch}, playbook.teams)
    priorities = {name: queue.priority for name, queue in playbook.queues.items()}
    lines = await store.leads.load_first_waiting(tx, priorities, teams, LEADS_PER_TRANSACTION)
    await tx.lock_contacts(contact for line in lines.values() for _, contact in line)
    leads = await store.leads.load_leads(tx, [lead for line in lines.values() for lead, _ in line])
    waiting = {lead_id: lead for lead_id, lead in leads.items() if lead.state == "queued"}
    if not waiting:
        return
    facts = [lead.known_facts for lead in waiting.values()]
    context = await store.load_context(tx, playbook, facts, teams)
    pending = PendingDecisions(
        leads, await store.context_with_booked_times(tx, context, [lead.meeting_at for lead in waiting.values()])
    )
    for team, line in lines.items():
        if _serve_queues_of_team([lead_id for lead_id, _ in line if lead_id in waiting], pending, tx):
            pending.waiting_for_others.add(team)
    await pending.save(tx)


async def end_long_waits(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Assign leads that waited too long to their team's manager, or escalate them."""
    playbook = tx.playbook(RoutingPlaybook)
    leads = await _load_leads_still_waiting(batch, "queued", tx)
    managers = {team.manager for team in playbook.teams.values()}
    teams = {rep.team for rep in (await store.load_all_reps(tx, playbook)).values() if rep.rep_id in managers}
    await _decide_about_leads(leads, domain.assign_after_long_wait, teams | {lead.team for lead in leads.values()}, tx)


async def place_waiting_leads(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Place leads that waited for the working day of whoever should have them."""
    leads = await _load_leads_still_waiting(batch, "unplaced", tx)
    await _decide_about_leads(leads, domain.assign_or_queue, (), tx)


async def retry_hand_to_next_team(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Try again to hand over leads whose meeting is booked and for whom nobody in the next team was able."""
    playbook = tx.playbook(RoutingPlaybook)
    leads = await _load_leads_still_waiting(batch, "assigned", tx)
    nexts = {lead_id: domain.next_team_after_booking(lead, playbook) for lead_id, lead in leads.items()}
    going = {lead_id: lead for lead_id, lead in leads.items() if nexts[lead_id] is not None}

    def decide(lead: Lead, context: RoutingContext, now: datetime) -> Decision:
        return domain.hand_to_next_team(lead, nexts[lead.lead_id] or "", None, context, now)

    await _decide_about_leads(going, decide, {*nexts.values(), *(lead.team for lead in going.values())}, tx)


async def redistribute_leads(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Share out the open leads of reps who left, `LEADS_PER_TRANSACTION` at a time."""
    playbook = tx.playbook(RoutingPlaybook)
    due = {timer.contact_id for timer in batch}
    reps = (await store.load_all_reps(tx, playbook)).values()
    left = [
        rep.rep_id for rep in reps if rep.status == "left" and store.timers.derive_contact_id_of_rep(rep.rep_id) in due
    ]
    found = await store.leads.load_open_leads(tx, left, LEADS_PER_TRANSACTION)
    await tx.lock_contacts(found.values())
    leads = await store.leads.load_leads(tx, found)
    theirs = {lead_id: lead for lead_id, lead in leads.items() if lead.state == "assigned" and lead.rep_id in left}
    teams = await find_successor_teams(tx, [(lead, None) for lead in theirs.values()])
    await _decide_about_leads(theirs, domain.redistribute_lead, {*teams, *(lead.team for lead in theirs.values())}, tx)
    if len(found) == LEADS_PER_TRANSACTION:
        for rep_id in left:
            store.timers.schedule_redistribution(tx, rep_id)


async def publish_all_calendars(_batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Publish the hours and absences of all reps that changed with the playbook, and read their calendars by it.

    Locks every pool; this is rare and short. A team's zone is what a time without a zone counts by.
    """
    await store.lock_pools(tx, sorted(tx.playbook(RoutingPlaybook).teams))
    await publish_calendars(tx)
    await store.calendar_sources.read_all_whole(tx)


async def _load_leads_still_waiting(batch: Sequence[DueTimer], state: str, tx: Transaction) -> dict[UUID, Lead]:
    """Return the leads that are still where they were when these timers were set."""
    keys = {timer.key for timer in batch}
    leads = await store.leads.load_leads_of_contacts(tx, {timer.contact_id for timer in batch}, state)
    return {lead_id: lead for lead_id, lead in leads.items() if store.timers.derive_placement_key(lead) in keys}


async def _decide_about_leads(
    leads: Mapping[UUID, Lead],
    decide: Callable[[Lead, RoutingContext, datetime], Decision],
    teams: Iterable[str | None],
    tx: Transaction,
) -> None:
    if not leads:
        return
    facts = [lead.known_facts for lead in leads.values()]
    context = await store.load_context(tx, tx.playbook(RoutingPlaybook), facts, teams)
    pending = PendingDecisions(
        dict(leads), await store.context_with_booked_times(tx, context, [lead.meeting_at for lead in leads.values()])
    )
    for lead in leads.values():
        pending.add_and_publish(decide(lead, pending.context, tx.now), tx)
    await pending.save(tx)


def _serve_queues_of_team(line: Sequence[UUID], pending: PendingDecisions, tx: Transaction) -> bool:
    """Serve one team's queues in order, up to the first lead that nobody can take.

    A lead that everybody who is able has had lets the others pass. Returns whether only such leads are left.
    """
    passed = False
    for lead_id in line:
        lead = pending.leads[lead_id]
        if pending.add_and_publish(domain.serve_from_queue(lead, pending.context, tx.now), tx):
            continue
        if not lead.had_by:
            return False
        passed = True
    return passed and len(line) < LEADS_PER_TRANSACTION
