"""Timers: flag what is due, and compute clocks again when the calendars changed."""

from collections.abc import Sequence

from events.runtime import Due, Transaction
from sla_monitor import store
from sla_monitor.handlers.settling import REPLAN, settle


async def replan_all(batch: Sequence[Due], tx: Transaction) -> None:
    """Set a timer for every lead with a running clock, if the calendars changed."""
    agreements, since = await store.load_agreements(tx, ()), min(timer.due_at for timer in batch)
    if any(at >= since for at, _ in agreements.history[1:]):
        await store.schedule_replans(tx, REPLAN)


async def replan_reps(batch: Sequence[Due], tx: Transaction) -> None:
    """Set a timer for every lead that reps have or had whose hours changed."""
    await store.schedule_replans_of_reps(tx, REPLAN, [timer.key for timer in batch])


async def replan(batch: Sequence[Due], tx: Transaction) -> None:
    """Compute the clocks of leads again by the calendars in force."""
    known, _ = await store.load_leads(tx, {timer.key for timer in batch})
    await settle(((lead.facts, lead) for lead in known.values()), tx, fired=False)


async def watch(batch: Sequence[Due], tx: Transaction) -> None:
    """Flag what is due and unanswered."""
    known, _ = await store.load_leads(tx, {timer.key for timer in batch})
    await settle(((lead.facts, lead) for lead in known.values()), tx, fired=True)
