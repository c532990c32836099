"""Who is one person: contacts that turned out to be the same, each with what was sent under its own id.

Merging moves nothing: a person is the sum of the rows of all their contacts, so undoing a merge loses nothing either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from capture.domain import profile
from capture.domain.profile import Profile
from capture.domain.submission import Submission
from events.ids import derive_id


@dataclass(frozen=True, slots=True)
class Merge:
    """Two contacts are one person from now on; the survivor speaks for both."""

    merge_id: UUID
    survivor_id: UUID
    loser_id: UUID


def make_merge(survivor: Profile, loser: Profile) -> Merge:
    """Name a merge by the pair and the survivor's revision that tells of it: undone and made again, it is another."""
    name = derive_id("merge", survivor.contact_id, loser.contact_id, survivor.revision)
    return Merge(name, survivor.contact_id, loser.contact_id)


class BatchPeople:
    """The people of a batch, as it changes them."""

    def __init__(
        self,
        profiles: Mapping[UUID, Profile],
        survivors: Mapping[UUID, UUID],
        apart: frozenset[frozenset[UUID]] = frozenset(),
    ) -> None:
        self._profiles = profiles
        self._survivors = dict(survivors)
        self._apart = apart
        self._members: dict[UUID, set[UUID]] = {}
        for loser, survivor in survivors.items():
            self._members.setdefault(survivor, set()).add(loser)
        self._changed: dict[UUID, Profile] = {}
        self.merges: list[Merge] = []

    def survivor_of(self, contact_id: UUID) -> UUID:
        """Return the contact that speaks for the person behind this one."""
        return self._survivors.get(contact_id, contact_id)

    def profile_row(self, contact_id: UUID, at: datetime) -> Profile:
        """Return the profile row of this contact; a new one, first seen `at` (UTC), where there is none."""
        return self._find_profile(contact_id) or profile.new_profile(contact_id, at)

    def _find_profile(self, contact_id: UUID) -> Profile | None:
        return self._changed.get(contact_id) or self._profiles.get(contact_id)

    def next_revision(self, row: Profile) -> int:
        """Return the revision of a change: one for the whole batch."""
        return row.revision + (row.contact_id not in self._changed)

    def put_row(self, row: Profile) -> Profile:
        """Keep a changed row of a survivor; returns the person with it."""
        self._changed[row.contact_id] = row
        return self.whole_person(row.contact_id)

    def whole_person(self, survivor: UUID) -> Profile:
        """Return all that is known of a person, under the survivor's id."""
        members = self._members.get(survivor)
        alone = self._find_profile(survivor)
        if alone is not None and not members:
            return alone
        found = (self._find_profile(contact_id) for contact_id in (survivor, *(members or ())))
        return profile.join_profiles([row for row in found if row is not None])

    def withdrawn_consents(self, survivor: UUID) -> set[tuple[str, str | None]]:
        """Return the purposes and channels for which a person has withdrawn consent."""
        ids = (survivor, *self._members.get(survivor, ()))
        rows = [row for contact_id in ids if (row := self._find_profile(contact_id)) is not None]
        answers = profile.join_profiles(rows).consents if rows else ()
        return {(each.purpose, each.channel) for each in answers if each.state == "withdrawn"}

    def may_be_about(self, survivor: UUID, submission: Submission) -> bool:
        """Return whether a submission with an e-mail may be about somebody who left none."""
        person = self.whole_person(survivor)
        return person.email is None and profile.names_agree(person, submission)

    def merge_if_same_person(self, contact_id: UUID, other: UUID, submission: Submission) -> UUID:
        """Make two contacts that one submission names one person, unless something speaks against it."""
        if (
            contact_id == other
            or frozenset((contact_id, other)) in self._apart
            or self._find_profile(contact_id) is None
        ):
            return contact_id
        left, right = self.whole_person(contact_id), self.whole_person(other)
        mail = submission.email is not None or left.email is not None
        if (mail and right.email is not None) or not profile.names_agree(left, right):
            return contact_id
        if not profile.names_agree(right, submission):
            return contact_id
        survivor, loser = (left, right) if mail else profile.order_by_first_seen(left, right)
        self.merge(survivor.contact_id, loser.contact_id)
        return survivor.contact_id

    def merge(self, survivor: UUID, loser: UUID) -> Merge:
        """Make two people one; both ids speak for themselves as yet."""
        row = self._find_profile(survivor)
        gone = self._find_profile(loser)
        if row is None or gone is None:
            raise LookupError(survivor, loser)
        self._changed[survivor] = replace(row, revision=self.next_revision(row))
        merged = make_merge(self._changed[survivor], gone)
        self.merges.append(merged)
        ours = self._members.setdefault(survivor, set())
        ours |= {loser, *self._members.pop(loser, ())}
        self._survivors |= dict.fromkeys(ours, survivor)
        return merged

    def changed_rows(self) -> list[Profile]:
        """Return the rows that changed."""
        return list(self._changed.values())

    def changed_people(self) -> list[Profile]:
        """Return each person that changed."""
        return [self.whole_person(contact_id) for contact_id in self._changed if contact_id not in self._survivors]
