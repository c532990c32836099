"""Publish when reps work."""

from collections.abc import Collection

from events.runtime import Transaction
from routing import domain, store
from routing.playbook import RoutingPlaybook


async def publish_calendars(tx: Transaction, rep_ids: Collection[str] | None = None) -> None:
    """Publish the hours and absences of reps that are others than those last published; absent: of all reps.

    Their pools are locked, so that two changes of one rep follow each other.
    """
    playbook = tx.playbook(RoutingPlaybook)
    if rep_ids is None:
        reps = await store.load_all_reps(tx, playbook)
    else:
        reps = await store.load_reps(tx, playbook, rep_ids)
    published = await store.published_calendars.load_published(tx, list(reps))
    changed = domain.changed_calendar_events(reps.values(), published, tx.now)
    await store.published_calendars.save_published(tx, changed)
    for event in changed:
        tx.emit(event)
