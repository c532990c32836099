"""The suppression list: who must not be written to or called, by keys that outlive an erasure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from capture.domain.identity import IdentityHasher
from capture.domain.profile import join_profiles
from capture.domain.submission import EmailOrPhone
from capture.playbook import CapturePlaybook
from capture.store import contacts as store
from capture.store import suppressions
from events.runtime import Transaction, merges


def find_keys_of_person(whom: EmailOrPhone, hasher: IdentityHasher, rules: CapturePlaybook) -> list[UUID]:
    """Return the keyed names of somebody."""
    keys = []
    if whom.email is not None:
        keys.append(hasher.email_key(whom.email, plus_tags=rules.email.plus_tags))
    if whom.phone is not None:
        keys.append(hasher.phone_key(whom.phone))
    return keys


async def close_channels(
    whom: EmailOrPhone, channels: Sequence[str], reason: str, hasher: IdentityHasher, tx: Transaction
) -> list[str]:
    """Keep somebody out of these channels, known or not; returns all channels that are closed now."""
    keys = find_keys_of_person(whom, hasher, tx.playbook(CapturePlaybook))
    people = await _lock_people(keys, hasher, tx)
    await suppressions.save_suppressions(tx, keys, channels, reason)
    await _publish_profiles_of_people(people, tx)
    return await suppressions.load_closed_channels(tx, keys)


async def reopen_channels(
    whom: EmailOrPhone, channels: Sequence[str], hasher: IdentityHasher, tx: Transaction
) -> list[str]:
    """Open channels again; returns those that stay closed."""
    keys = find_keys_of_person(whom, hasher, tx.playbook(CapturePlaybook))
    people = await _lock_people(keys, hasher, tx)
    await suppressions.delete_suppressions(tx, keys, channels)
    await _publish_profiles_of_people(people, tx)
    return await suppressions.load_closed_channels(tx, keys)


async def _lock_people(keys: Sequence[UUID], hasher: IdentityHasher, tx: Transaction) -> Iterable[merges.MergedPerson]:
    """Lock keys and the people who have them; a submission of the same people waits here."""
    identities, new = await store.lock_or_create_keys(tx, {key: hasher.contact_id(key, 0) for key in keys}, [])
    await store.save_identities(tx, {}, new)
    known = {row.contact_id for row in identities.values() if row.contact_id is not None}
    people = await merges.load_people_of_contacts(tx, known, lock=True)
    return {person.survivor_id: person for person in people.values()}.values()


async def _publish_profiles_of_people(people: Iterable[merges.MergedPerson], tx: Transaction) -> None:
    for person in people:
        profiles = await store.load_profiles(tx, person.contact_ids)
        closed = tuple(await suppressions.load_closed_channels_of_contacts(tx, person.contact_ids))
        rows = [replace(profiles[member], suppressed=closed) for member in person.contact_ids]
        if join_profiles([profiles[member] for member in person.contact_ids]).suppressed != closed:
            rows[0] = replace(rows[0], revision=rows[0].revision + 1)
            await store.save_profiles(tx, rows)
            tx.emit(join_profiles(rows).profile_event(tx.now))
            tx.emit(join_profiles(rows).consent_event(tx.now))
