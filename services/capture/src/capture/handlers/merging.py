"""Join two contacts that are one person, and part those who are not: no row moves, so undoing loses nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from capture.domain.people import Merge, People
from capture.domain.profile import joined
from capture.handlers.errors import AlreadyMerged, ContactUnknown, NotMerged
from capture.store import intake as store
from capture.store import merging
from events import topics
from events.contacts import ContactMerged, ContactUnmerged
from events.runtime import Transaction, merges

E = TypeVar("E", ContactMerged, ContactUnmerged)


async def announce(made: Sequence[Merge], tx: Transaction) -> None:
    """Keep merges and tell of each under both ids; the survivor's profile takes the place of the loser's."""
    if not made:
        return
    told = [_told(ContactMerged, one, contact_id, tx) for one in made for contact_id in (one.survivor_id, one.loser_id)]
    await merges.record(tx, told)
    for one in made:
        tx.tombstone(topics.CONTACTS_PROFILES, one.loser_id)
    for event in told:
        tx.emit(event)


def _told(kind: type[E], one: Merge, contact_id: UUID, tx: Transaction) -> E:
    return kind(
        occurred_at=tx.now,
        contact_id=contact_id,
        merge_id=one.merge_id,
        survivor_id=one.survivor_id,
        loser_id=one.loser_id,
    )


async def merge(contact_id: UUID, into: UUID, tx: Transaction) -> Merge:
    """Make a contact and `into` one person, for whom the latter's survivor speaks."""
    people = await merges.people(tx, [contact_id, into], lock=True)
    loser, survivor = people[contact_id].survivor_id, people[into].survivor_id
    if loser == survivor:
        raise AlreadyMerged
    members = {one for person in people.values() for one in person.contact_ids}
    profiles = await store.load_profiles(tx, members)
    if not {contact_id, into} <= profiles.keys():
        raise ContactUnknown
    survivors = {one: person.survivor_id for person in people.values() for one in person.contact_ids[1:]}
    fold = People(profiles, survivors)
    made = fold.merge(survivor, loser)
    await store.save_profiles(tx, fold.rows())
    for person in fold.whole():
        tx.emit(person.event(tx.now))
        if person.refuses:
            tx.emit(person.allows(tx.now))
    await announce([made], tx)
    return made


async def unmerge(contact_id: UUID, tx: Transaction) -> Merge:
    """Let a contact that was merged into another speak for itself again, with those who had been merged into it."""
    before = (await merges.people(tx, [contact_id], lock=True))[contact_id]
    if not (await store.load_profiles(tx, [contact_id])):
        raise ContactUnknown
    undone = await merging.find_merge(tx, contact_id)
    if undone is None:
        raise NotMerged
    told = [_told(ContactUnmerged, undone, one, tx) for one in (undone.survivor_id, undone.loser_id)]
    await merges.record(tx, told)
    parted = await merges.people(tx, [contact_id, undone.survivor_id])
    profiles = await store.load_profiles(tx, before.contact_ids)
    for person in parted.values():
        rows = [profiles[one] for one in person.contact_ids]
        rows[0] = replace(rows[0], revision=rows[0].revision + 1)
        await store.save_profiles(tx, rows[:1])
        tx.emit(joined(rows).event(tx.now))
        tx.emit(joined(rows).allows(tx.now))
    for event in told:
        tx.emit(event)
    return undone
