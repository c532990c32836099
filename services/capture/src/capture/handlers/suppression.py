"""Whom nobody may write to or call any more: kept by keyed names, so that it outlives even an erasure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from capture.domain.identity import Keyring
from capture.domain.profile import joined
from capture.domain.submission import Whom
from capture.playbook import CapturePlaybook
from capture.store import intake as store
from capture.store import suppression
from events.runtime import Transaction, merges


def keys_of(whom: Whom, keyring: Keyring, rules: CapturePlaybook) -> list[UUID]:
    """Give the keyed names of somebody."""
    keys = []
    if whom.email is not None:
        keys.append(keyring.email(whom.email, plus_tags=rules.email.plus_tags))
    if whom.phone is not None:
        keys.append(keyring.phone(whom.phone))
    return keys


async def suppress(whom: Whom, channels: Sequence[str], reason: str, keyring: Keyring, tx: Transaction) -> list[str]:
    """Keep somebody out of these channels, known or not; gives all channels that are closed now."""
    keys = keys_of(whom, keyring, tx.playbook(CapturePlaybook))
    people = await _hold(keys, keyring, tx)
    await suppression.add(tx, keys, channels, reason)
    await _tell(people, tx)
    return await suppression.channels_of(tx, keys)


async def lift(whom: Whom, channels: Sequence[str], keyring: Keyring, tx: Transaction) -> list[str]:
    """Open channels again; gives those that stay closed."""
    keys = keys_of(whom, keyring, tx.playbook(CapturePlaybook))
    people = await _hold(keys, keyring, tx)
    await suppression.drop(tx, keys, channels)
    await _tell(people, tx)
    return await suppression.channels_of(tx, keys)


async def _hold(keys: Sequence[UUID], keyring: Keyring, tx: Transaction) -> Iterable[merges.Person]:
    """Hold names and whoever bears them: somebody who is taken in at this instant is met here."""
    held, new = await store.hold(tx, {key: keyring.contact(key, 0) for key in keys}, [])
    await store.save_identities(tx, {}, new)
    known = {row.contact_id for row in held.values() if row.contact_id is not None}
    people = await merges.people(tx, known, lock=True)
    return {person.survivor_id: person for person in people.values()}.values()


async def _tell(people: Iterable[merges.Person], tx: Transaction) -> None:
    for person in people:
        profiles = await store.load_profiles(tx, person.contact_ids)
        closed = tuple(await suppression.channels_of_contacts(tx, person.contact_ids))
        rows = [replace(profiles[one], suppressed=closed) for one in person.contact_ids]
        if joined([profiles[one] for one in person.contact_ids]).suppressed != closed:
            rows[0] = replace(rows[0], revision=rows[0].revision + 1)
            await store.save_profiles(tx, rows)
            tx.emit(joined(rows).event(tx.now))
            tx.emit(joined(rows).allows(tx.now))
