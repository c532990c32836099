"""Take up where leads were placed since the backup: routing's own topic knows, its restored database does not."""

from collections.abc import Sequence

from events.leads import LeadAssigned, LeadQueued, LeadReleased
from events.runtime import Transaction
from events.runtime.recovery import RecoveredRecord
from routing import domain, store
from routing.handlers.pending_decisions import PendingDecisions
from routing.playbook import RoutingPlaybook


async def restore_published_state(batch: Sequence[RecoveredRecord], tx: Transaction) -> None:
    """Put leads where routing had published that they are, and count them for their reps.

    What the API set for reps, their calendars and what people wrote is on no topic: it is lost with the database.
    """
    placements = [
        record.event for record in batch if isinstance(record.event, LeadAssigned | LeadQueued | LeadReleased)
    ]
    await tx.lock_contacts({event.contact_id for event in placements})
    leads = await store.leads.load_or_begin_leads(tx, placements)
    events = [event for event in placements if event.lead_id in leads]
    if not events:
        return
    teams = {event.team for event in events} | {lead.team for lead in leads.values()}
    context = await store.load_context(tx, tx.playbook(RoutingPlaybook), [], teams)
    pending = PendingDecisions(leads, context)
    for event in events:
        pending.add_and_publish(domain.apply_own_placement(pending.leads[event.lead_id], event, pending.context), tx)
    await pending.save(tx)
    reps = {event.rep_id for event in events if isinstance(event, LeadAssigned)}
    await store.recount_open_leads(tx, reps - set(context.team_of))
