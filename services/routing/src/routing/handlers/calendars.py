"""Publish when reps work."""

from collections.abc import Collection

from events.runtime import Transaction
from routing import domain, store
from routing.playbook import RoutingPlaybook


async def publish_calendars(tx: Transaction, rep_ids: Collection[str] | None = None) -> None:
    """Publish the hours and absences of reps that are others than those last published; absent: of all reps.

    Locks every pool, so that two changes of one rep follow each other; this is rare and short.
    """
    playbook = tx.playbook(RoutingPlaybook)
    await store.lock_pools(tx, sorted(playbook.teams))
    reps = await store.load_all_reps(tx, playbook)
    wanted = [rep for rep_id, rep in reps.items() if rep_ids is None or rep_id in rep_ids]
    published = await store.published_calendars.load_published(tx, [rep.rep_id for rep in wanted])
    changed = domain.changed_calendar_events(wanted, published, tx.now)
    await store.published_calendars.save_published(tx, changed)
    for event in changed:
        tx.emit(event)
