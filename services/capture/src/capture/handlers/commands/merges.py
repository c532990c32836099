"""Join two contacts that are one person, and part those who are not: no row moves, so undoing loses nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from capture.domain.people import BatchPeople, Merge
from capture.domain.profile import join_profiles
from capture.handlers.errors import AlreadyMerged, ContactUnknown, NotMerged
from capture.store import contacts as store
from capture.store import merges as merge_rows
from events import topics
from events.contacts import ContactMerged, ContactUnmerged
from events.runtime import Transaction, merges

E = TypeVar("E", ContactMerged, ContactUnmerged)


async def record_and_publish_merges(made: Sequence[Merge], tx: Transaction) -> None:
    """Save and publish merges, each under both ids; the loser's profile is deleted from its topic."""
    if not made:
        return
    events = [
        _build_merge_event(ContactMerged, row, contact_id, tx)
        for row in made
        for contact_id in (row.survivor_id, row.loser_id)
    ]
    await merges.record_merges(tx, events)
    for row in made:
        tx.emit_tombstone(topics.CONTACTS_PROFILES, row.loser_id)
    for event in events:
        tx.emit(event)


def _build_merge_event(kind: type[E], made: Merge, contact_id: UUID, tx: Transaction) -> E:
    return kind(
        occurred_at=tx.now,
        contact_id=contact_id,
        merge_id=made.merge_id,
        survivor_id=made.survivor_id,
        loser_id=made.loser_id,
    )


async def merge_contacts(contact_id: UUID, into: UUID, tx: Transaction) -> Merge:
    """Make a contact and `into` one person, for whom the latter's survivor speaks."""
    people = await merges.load_people_of_contacts(tx, [contact_id, into], lock=True)
    loser, survivor = people[contact_id].survivor_id, people[into].survivor_id
    if loser == survivor:
        raise AlreadyMerged
    members = {member for person in people.values() for member in person.contact_ids}
    profiles = await store.load_profiles(tx, members)
    if not {contact_id, into} <= profiles.keys():
        raise ContactUnknown
    survivors = {member: person.survivor_id for person in people.values() for member in person.contact_ids[1:]}
    fold = BatchPeople(profiles, survivors)
    made = fold.merge(survivor, loser)
    await store.save_profiles(tx, fold.changed_rows())
    for person in fold.changed_people():
        tx.emit(person.profile_event(tx.now))
        if person.has_refusal:
            tx.emit(person.consent_event(tx.now))
    await record_and_publish_merges([made], tx)
    await merge_rows.delete_kept_apart(tx, list(members))
    return made


async def keep_apart(contact_id: UUID, other_id: UUID, by: str, tx: Transaction) -> None:
    """Remember that two contacts are two people: no list names them as one, and no submission makes them one.

    Raises:
        AlreadyMerged: They are one person; that is undone first.
        ContactUnknown: One of them is not known.
    """
    people = await merges.load_people_of_contacts(tx, [contact_id, other_id], lock=True)
    pair = people[contact_id].survivor_id, people[other_id].survivor_id
    if pair[0] == pair[1]:
        raise AlreadyMerged
    if not {contact_id, other_id} <= (await store.load_profiles(tx, [contact_id, other_id])).keys():
        raise ContactUnknown
    await merge_rows.save_kept_apart(tx, pair, by)


async def unmerge_contact(contact_id: UUID, tx: Transaction) -> Merge:
    """Let a contact that was merged into another speak for itself again, with those who had been merged into it."""
    before = (await merges.load_people_of_contacts(tx, [contact_id], lock=True))[contact_id]
    if not (await store.load_profiles(tx, [contact_id])):
        raise ContactUnknown
    undone = await merge_rows.find_merge(tx, contact_id)
    if undone is None:
        raise NotMerged
    events = [
        _build_merge_event(ContactUnmerged, undone, member, tx) for member in (undone.survivor_id, undone.loser_id)
    ]
    await merges.record_merges(tx, events)
    parted = await merges.load_people_of_contacts(tx, [contact_id, undone.survivor_id])
    profiles = await store.load_profiles(tx, before.contact_ids)
    for person in parted.values():
        rows = [profiles[member] for member in person.contact_ids]
        rows[0] = replace(rows[0], revision=rows[0].revision + 1)
        await store.save_profiles(tx, rows[:1])
        tx.emit(join_profiles(rows).profile_event(tx.now))
        tx.emit(join_profiles(rows).consent_event(tx.now))
    for event in events:
        tx.emit(event)
    return undone
