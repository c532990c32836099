"""What falls due: wake-ups and stage limits of leads, and the hourly folding of the funnel's sums."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from events.runtime import DueTimer, Transaction
from events.runtime.loops import run_rounds
from feedback import store
from feedback.domain import decisions
from feedback.domain.contact import mark_timer_rang
from feedback.handlers.contact_changes import ContactChanges

if TYPE_CHECKING:
    from events.runtime import Service

HOUR_SECONDS = 3600.0
RESTING = timedelta(days=7)
"""The cohorts of the last week change all the time: there each connection keeps its own copy."""


async def wake_leads(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Wake returned leads whose date has come; one that something else took on meanwhile rests on."""
    changes = await ContactChanges.load(tx, (due.contact_id for due in batch))
    for due in batch:
        if due.contact_id in changes and (lead := changes.get_contact(due.contact_id).leads.get(due.key)) is not None:
            changes.put_lead(
                mark_timer_rang(changes.get_contact(due.contact_id), lead, tx.now, changes.get_related(due.contact_id))
            )
    await changes.save()


async def return_stalled_leads(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Return open leads that rested too long in their stage."""
    changes = await ContactChanges.load(tx, (due.contact_id for due in batch))
    for due in batch:
        if due.contact_id in changes and (lead := changes.get_contact(due.contact_id).leads.get(due.key)) is not None:
            changes.put_lead(decisions.return_stalled_lead(lead, changes.context))
    await changes.save()


async def fold_tallies_hourly(service: "Service") -> None:
    """Fold copies of the funnel's sums into one every hour, until cancelled; unfolded ones are right too."""
    await run_rounds("fold", partial(fold_some_tallies, service), pause_seconds=HOUR_SECONDS)


async def fold_some_tallies(service: "Service") -> int:
    """Fold some copies in a transaction; return their number."""
    async with service.transaction() as tx:
        return await store.fold_tallies(tx, (tx.now - RESTING).date())
