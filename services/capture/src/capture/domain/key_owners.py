"""Whose keys are these: whom a mailbox, a badge and a phone name, also where several people use one of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from capture.domain import profile
from capture.domain.arrival import Arrival
from capture.domain.identity import IdentityHasher
from capture.domain.people import BatchPeople


class KeyOwner(NamedTuple):
    """Whom a key belongs to; the incarnation counts how often that person was forgotten."""

    contact_id: UUID | None = None
    incarnation: int = 0


def possible_contacts(
    arrivals: Sequence[Arrival], identities: Mapping[UUID, KeyOwner], hasher: IdentityHasher
) -> set[UUID]:
    """Return every contact that a batch may be about, so that all are locked before any is read."""
    found = {row.contact_id for row in identities.values() if row.contact_id is not None}
    for arrival in arrivals:
        first = identities[arrival.keys[0]]
        if first.contact_id is None:
            found.add(_derive_newcomer_id(arrival, first, hasher))
        if arrival.badge_user is not None:
            found.add(_find_key_user(arrival.badge_user, identities, hasher))
        if arrival.by_phone_alone:
            found |= {_find_key_user(key, identities, hasher) for key in arrival.keys[1:]}
    return found


def _find_key_user(key: UUID, identities: Mapping[UUID, KeyOwner], hasher: IdentityHasher) -> UUID:
    """Return the contact that one of several users of a phone or a badge is."""
    return hasher.contact_id(key, identities.get(key, KeyOwner()).incarnation)


def _derive_newcomer_id(arrival: Arrival, row: KeyOwner, hasher: IdentityHasher) -> UUID:
    return hasher.contact_id(arrival.keys[0], row.incarnation) if row.incarnation else arrival.newcomer


class KeyOwners:
    """Who has which key, as a batch changes it. `taken` is each key of somebody who was taken in, and whose it is."""

    def __init__(self, identities: Mapping[UUID, KeyOwner], people: BatchPeople, hasher: IdentityHasher) -> None:
        self._identities = identities
        self._people = people
        self._hasher = hasher
        self._owners = {key: row.contact_id for key, row in identities.items() if row.contact_id is not None}
        self.taken: dict[UUID, UUID] = {}

    def is_about(self, arrival: Arrival, contact_id: UUID) -> bool:
        """Return whether an arrival is about somebody who is known."""
        person = self._people.survivor_of(contact_id)
        if not arrival.by_phone_alone:
            return person == self._find_known_person(arrival, self._deciding_keys(arrival))
        phone, *names = arrival.keys
        is_nameless = len(names) == 1
        return person == self._find_phone_user(arrival) or (is_nameless and person == self._find_owner(phone))

    def find_contact(self, arrival: Arrival) -> UUID:
        """Find whom an arrival is about, joining those whom it shows to be one.

        The first key decides. A phone or a badge beside an e-mail finds who left no e-mail yet: the people of an
        office share their phones.
        """
        if arrival.by_phone_alone:
            return self._find_phone_user(arrival)
        keys = self._deciding_keys(arrival)
        found = self._find_known_person(arrival, keys)
        if found is None and keys[0] == arrival.badge_user:
            found = _find_key_user(keys[0], self._identities, self._hasher)
        if found is None:
            found = _derive_newcomer_id(arrival, self._identities.get(keys[0], KeyOwner()), self._hasher)
        for key in keys:
            if (other := self._find_owner(key)) is not None:
                found = self._people.merge_if_same_person(found, other, arrival.submission)
        return found

    def assign_keys(self, arrival: Arrival, contact_id: UUID) -> None:
        """Note whose the keys of an arrival are from now on."""
        keys: Sequence[UUID] = arrival.keys
        if arrival.by_phone_alone:
            phone, *names = arrival.keys
            first = self._owners.setdefault(phone, contact_id)
            keys = (phone, *names[:-1])
            if self._people.survivor_of(first) != contact_id:
                if len(names) == 1 or names[-1] not in self._owners:
                    self._owners[names[-1]] = contact_id if len(names) == 1 else first
                keys = arrival.keys
        else:
            keys = self._deciding_keys(arrival)
            if arrival.phone_users and self._is_shared_by(arrival, contact_id):
                *own, nameless = arrival.phone_users
                self.taken[nameless] = self._owners.setdefault(nameless, self._owners[arrival.keys[-1]])
                keys = (*keys, *own)
        for key in keys:
            self.taken[key] = self._owners.setdefault(key, contact_id)

    def _find_owner(self, key: UUID) -> UUID | None:
        """Return who has a key, None where nobody has."""
        return self._people.survivor_of(self._owners[key]) if key in self._owners else None

    def _deciding_keys(self, arrival: Arrival) -> tuple[UUID, ...]:
        """Return the keys by which somebody with a mailbox or a badge is found, the surest first.

        Where others use the badge or the phone too, that is the name on it; a shared phone finds nobody who leaves no
        name.
        """
        first, *others = arrival.keys
        owner = self._find_owner(first)
        if arrival.badge_user is not None and owner is not None:
            names = arrival.submission, self._people.whole_person(owner)
            if not profile.may_wear_same_badge(*names):
                first = arrival.badge_user
        if arrival.phone_users:
            *own, nameless = arrival.phone_users
            if nameless in self._owners:
                users = [key for key in own if key in self._owners]
                if not users and (user := self._find_owner(others[-1])) and self._both_are_named(arrival, user):
                    users = [others[-1]]
                others[-1:] = users[:1]
        return (first, *others)

    def _find_known_person(self, arrival: Arrival, keys: Sequence[UUID]) -> UUID | None:
        """Return whom the first key names, else whom a later one and the name do; None where there is nobody."""
        first, *others = (self._find_owner(key) for key in keys)
        if first is not None:
            return first
        return next((each for each in others if each and self._people.may_be_about(each, arrival.submission)), None)

    def _is_shared_by(self, arrival: Arrival, contact_id: UUID) -> bool:
        """Return whether a phone is somebody else's already, who does not bear the same whole name."""
        owner = self._find_owner(arrival.keys[-1])
        if owner is None or owner == contact_id:
            return False
        person, submission = self._people.whole_person(owner), arrival.submission
        is_named = person.last_name and submission.last_name
        return not (is_named and profile.names_agree(person, submission))

    def _both_are_named(self, arrival: Arrival, owner: UUID) -> bool:
        """Return whether an arrival and the owner of its key have names, so that these can tell them apart."""
        both = arrival.submission, self._people.whole_person(owner)
        return all(each.first_name or each.last_name for each in both)

    def _find_phone_user(self, arrival: Arrival) -> UUID:
        """Find who posted by a phone alone: people whose names contradict share the phone, and stay apart.

        The key of the phone's nameless user is owned from then on, which marks the phone as shared: whoever leaves no
        name there is nobody whom we know.
        """
        phone, *names = arrival.keys
        own, nameless = names[0], names[-1]
        if own != nameless and (owner := self._find_owner(own)):
            return owner
        by_initial = next(filter(None, map(self._find_owner, names[1:-1])), None)
        if by_initial and profile.names_agree(self._people.whole_person(by_initial), arrival.submission):
            return by_initial
        first = self._find_owner(phone)
        if first is None:
            return _derive_newcomer_id(arrival, self._identities.get(phone, KeyOwner()), self._hasher)
        is_shared = nameless in self._owners
        contradicts = arrival.by_extension or not profile.names_agree(
            self._people.whole_person(first), arrival.submission
        )
        if not contradicts and (not is_shared or self._both_are_named(arrival, first)):
            return first
        if own == nameless and (unknown := self._find_owner(nameless)) != first and unknown is not None:
            return unknown
        return self._people.survivor_of(_find_key_user(own, self._identities, self._hasher))
