"""What falls due: serve those who wait, move those who waited too long, share out what a leaver had."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from events.runtime import Due, Transaction
from routing import domain, store
from routing.domain import Decision, Floor, Lead
from routing.handlers.desk import Desk
from routing.playbook import RoutingPlaybook

AT_ONCE = 500
"""So many leads of a line are served in one transaction; the next one goes on."""


async def drain(batch: Sequence[Due], tx: Transaction) -> None:
    """Give the leads that wait to whoever can take them: by priority, grade and age, until nobody can.

    The lines are looked at without a lock, then the contacts are locked, then the leads are read again: what was
    served or withdrawn meanwhile is left out.
    """
    playbook = tx.playbook(RoutingPlaybook)
    teams = store.timers.teams_of({timer.contact_id for timer in batch}, playbook.teams)
    priorities = {name: queue.priority for name, queue in playbook.queues.items()}
    lines = await store.leads.first_in_line(tx, priorities, teams, AT_ONCE)
    await tx.lock(contact for line in lines.values() for _, contact in line)
    leads = await store.leads.load(tx, [lead for line in lines.values() for lead, _ in line])
    waiting = {lead_id: lead for lead_id, lead in leads.items() if lead.state == "queued"}
    if not waiting:
        return
    facts = [lead.known_facts for lead in waiting.values()]
    desk = Desk(leads, await store.open_floor(tx, playbook, facts, teams))
    for line in lines.values():
        _serve([lead_id for lead_id, _ in line if lead_id in waiting], desk, tx)
    await desk.save(tx)


async def expire(batch: Sequence[Due], tx: Transaction) -> None:
    """Give leads that waited too long to their team's manager, or raise them."""
    playbook = tx.playbook(RoutingPlaybook)
    leads = await _still(batch, "queued", tx)
    managers = {team.manager for team in playbook.teams.values()}
    teams = {rep.team for rep in (await store.everybody(tx, playbook)).values() if rep.rep_id in managers}
    await _decide(leads, domain.expire, teams | {lead.team for lead in leads.values()}, tx)


async def hand_over(batch: Sequence[Due], tx: Transaction) -> None:
    """Try again to hand over leads whose meeting is booked and for which nobody was there."""
    playbook = tx.playbook(RoutingPlaybook)
    leads = await _still(batch, "assigned", tx)
    nexts = {lead_id: domain.next_team(lead, playbook) for lead_id, lead in leads.items()}
    going = {lead_id: lead for lead_id, lead in leads.items() if nexts[lead_id] is not None}

    def decide(lead: Lead, floor: Floor, now: datetime) -> Decision:
        return domain.hand_over(lead, nexts[lead.lead_id] or "", None, floor, now)

    await _decide(going, decide, {*nexts.values(), *(lead.team for lead in going.values())}, tx)


async def redistribute(batch: Sequence[Due], tx: Transaction) -> None:
    """Share out the open leads of reps who left, some at a time."""
    playbook = tx.playbook(RoutingPlaybook)
    due = {timer.contact_id for timer in batch}
    reps = (await store.everybody(tx, playbook)).values()
    left = [rep.rep_id for rep in reps if rep.status == "left" and store.timers.contact_of_rep(rep.rep_id) in due]
    found = await store.leads.open_of(tx, left, AT_ONCE)
    await tx.lock(found.values())
    leads = await store.leads.load(tx, found)
    theirs = {lead_id: lead for lead_id, lead in leads.items() if lead.state == "assigned" and lead.rep_id in left}
    await _decide(theirs, domain.redistribute, {lead.team for lead in theirs.values()}, tx)
    if len(found) == AT_ONCE:
        for rep_id in left:
            store.timers.redistribute_now(tx, rep_id)


async def _still(batch: Sequence[Due], state: str, tx: Transaction) -> dict[UUID, Lead]:
    """Give the leads that are still where they were when these timers were set."""
    keys = {timer.key for timer in batch}
    leads = await store.leads.of_contacts(tx, {timer.contact_id for timer in batch}, state)
    return {lead_id: lead for lead_id, lead in leads.items() if store.timers.placing_of(lead) in keys}


async def _decide(
    leads: Mapping[UUID, Lead],
    decide: Callable[[Lead, Floor, datetime], Decision],
    teams: Iterable[str | None],
    tx: Transaction,
) -> None:
    if not leads:
        return
    facts = [lead.known_facts for lead in leads.values()]
    desk = Desk(dict(leads), await store.open_floor(tx, tx.playbook(RoutingPlaybook), facts, teams))
    for lead in leads.values():
        desk.take(decide(lead, desk.floor, tx.now), tx)
    await desk.save(tx)


def _serve(line: Sequence[UUID], desk: Desk, tx: Transaction) -> None:
    """Serve one line from its head; who comes later does not overtake a lead that nobody can take."""
    for lead_id in line:
        lead = desk.leads[lead_id]
        if not desk.take(domain.draw(lead, desk.floor, tx.now), tx):
            return
