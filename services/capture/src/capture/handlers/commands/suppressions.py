"""The suppression list: who must not be written to or called, by keys that outlive an erasure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from capture.domain.identity import Keyring
from capture.domain.profile import joined
from capture.domain.submission import PersonIdentifiers
from capture.playbook import CapturePlaybook
from capture.store import contacts as store
from capture.store import suppressions
from events.runtime import Transaction, merges


def keys_of(whom: PersonIdentifiers, keyring: Keyring, rules: CapturePlaybook) -> list[UUID]:
    """Return the keyed names of somebody."""
    keys = []
    if whom.email is not None:
        keys.append(keyring.email(whom.email, plus_tags=rules.email.plus_tags))
    if whom.phone is not None:
        keys.append(keyring.phone(whom.phone))
    return keys


async def suppress(
    whom: PersonIdentifiers, channels: Sequence[str], reason: str, keyring: Keyring, tx: Transaction
) -> list[str]:
    """Keep somebody out of these channels, known or not; returns all channels that are closed now."""
    keys = keys_of(whom, keyring, tx.playbook(CapturePlaybook))
    people = await _lock_people(keys, keyring, tx)
    await suppressions.add(tx, keys, channels, reason)
    await _publish_people(people, tx)
    return await suppressions.channels_of(tx, keys)


async def lift(whom: PersonIdentifiers, channels: Sequence[str], keyring: Keyring, tx: Transaction) -> list[str]:
    """Open channels again; returns those that stay closed."""
    keys = keys_of(whom, keyring, tx.playbook(CapturePlaybook))
    people = await _lock_people(keys, keyring, tx)
    await suppressions.drop(tx, keys, channels)
    await _publish_people(people, tx)
    return await suppressions.channels_of(tx, keys)


async def _lock_people(keys: Sequence[UUID], keyring: Keyring, tx: Transaction) -> Iterable[merges.Person]:
    """Lock keys and the people who have them; a submission of the same people waits here."""
    identities, new = await store.lock_keys(tx, {key: keyring.contact(key, 0) for key in keys}, [])
    await store.save_identities(tx, {}, new)
    known = {row.contact_id for row in identities.values() if row.contact_id is not None}
    people = await merges.people(tx, known, lock=True)
    return {person.survivor_id: person for person in people.values()}.values()


async def _publish_people(people: Iterable[merges.Person], tx: Transaction) -> None:
    for person in people:
        profiles = await store.load_profiles(tx, person.contact_ids)
        closed = tuple(await suppressions.closed_channels(tx, person.contact_ids))
        rows = [replace(profiles[member], suppressed=closed) for member in person.contact_ids]
        if joined([profiles[member] for member in person.contact_ids]).suppressed != closed:
            rows[0] = replace(rows[0], revision=rows[0].revision + 1)
            await store.save_profiles(tx, rows)
            tx.emit(joined(rows).event(tx.now))
            tx.emit(joined(rows).allows(tx.now))
