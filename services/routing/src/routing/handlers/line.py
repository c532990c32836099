"""Serve those who wait, in order, when somebody may have become able to take them."""

from collections.abc import Sequence
from uuid import UUID

from events.runtime import Due, Transaction
from routing import domain, store
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


def _serve(line: Sequence[UUID], desk: Desk, tx: Transaction) -> None:
    """Serve one line from its head; who comes later does not overtake a lead that nobody can take."""
    for lead_id in line:
        lead = desk.leads[lead_id]
        if not desk.take(domain.draw(lead, desk.floor, tx.now), tx):
            return
