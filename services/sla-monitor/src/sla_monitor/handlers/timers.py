"""Timers: flag what is due, and compute clocks again when the calendars changed."""

from collections.abc import Sequence

from events.runtime import DueTimer, Transaction
from sla_monitor import store
from sla_monitor.handlers.settling import REPLAN, settle_leads


async def schedule_replan_of_all(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Set a timer for every lead with a running clock, if the calendars changed."""
    agreements, since = await store.load_agreements(tx, ()), min(timer.due_at for timer in batch)
    if any(at >= since for at, _ in agreements.history[1:]):
        await store.schedule_replans(tx, REPLAN)


async def schedule_replan_of_reps(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Set a timer for every lead that reps have or had whose hours changed."""
    await store.schedule_replans_of_reps(tx, REPLAN, [timer.key for timer in batch])


async def replan_leads(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Compute the clocks of leads again by the calendars in force."""
    known, _ = await store.load_leads(tx, {timer.key for timer in batch})
    await settle_leads(((lead.facts, lead) for lead in known.values()), tx, fired=False)


async def flag_due_clocks(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Flag what is due and unanswered."""
    known, _ = await store.load_leads(tx, {timer.key for timer in batch})
    await settle_leads(((lead.facts, lead) for lead in known.values()), tx, fired=True)
