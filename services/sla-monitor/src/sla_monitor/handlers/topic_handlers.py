"""What sla-monitor does with each event: add it to what is known of its lead, and settle the lead's clocks."""

from collections.abc import Sequence

from events.contacts import ContactErased
from events.envelope import Event, LeadEvent
from events.leads import (
    LeadAssigned,
    LeadCooled,
    LeadFacts,
    LeadQueued,
    LeadRegraded,
    LeadReleased,
    LeadScheduled,
    LeadWoken,
)
from events.rep_calendars import calendar_from_hours
from events.reps import RepChanged
from events.runtime import Reject, Transaction
from sla_monitor import store
from sla_monitor.handlers.settling import NOBODY, REPS, apply_events


async def on_leads_qualified(batch: Sequence[LeadFacts | LeadRegraded | LeadCooled], tx: Transaction) -> None:
    """Start the clock of speed to lead; a hand-raise inside the cycle brings a faster promise."""
    await apply_events((event for event in batch if isinstance(event, LeadFacts)), tx)


async def on_leads_assigned(
    batch: Sequence[LeadQueued | LeadAssigned | LeadReleased | LeadScheduled], tx: Transaction
) -> None:
    """Start the lead's clocks at its hand-over, and a rep's at each assignment; pause them until the time asked for."""
    await apply_events(batch, tx)


async def on_leads_worked(batch: Sequence[Event], tx: Transaction) -> None:
    """Stop the clocks that a touch, an accept, a meeting or an outcome answers."""
    await apply_events((event for event in batch if isinstance(event, LeadEvent)), tx)


async def on_leads_recycled(batch: Sequence[Event], tx: Transaction) -> None:
    """Cancel what still runs of a lead that went back."""
    await apply_events(
        (event for event in batch if isinstance(event, LeadEvent) and not isinstance(event, LeadWoken)), tx
    )


async def on_reps_changed(batch: Sequence[RepChanged], tx: Transaction) -> None:
    """Save when reps work from now on; the clocks of their leads are computed again.

    Raises:
        Reject: The hours of a rep make no calendar.
    """
    for event in batch:
        try:
            calendar_from_hours(event.hours, event.occurred_at)
        except ValueError as error:
            raise Reject("hours_invalid") from error
    await store.save_rep_calendars(tx, batch)
    for event in batch:
        tx.schedule(REPS, event.ce_id, NOBODY, tx.now)


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Erase contacts, and publish the receipts with how many rows that were."""
    ids = {event.contact_id for event in batch}
    rows = await store.erase(tx, ids)
    for contact_id in sorted(ids):
        rows[contact_id] += await tx.erase([contact_id])
    for event in batch:
        tx.emit(event.build_receipt(tx.service, rows[event.contact_id], tx.now))
