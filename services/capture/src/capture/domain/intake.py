"""What becomes of submissions: whose they are, whether they repeat an earlier one, and what is published.

A fold over a batch in its order of arrival: the second submission of a batch meets the contact that the first one made.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from capture.domain import profile
from capture.domain.arrival import Arrival, Fault, consents_of, is_undated_row
from capture.domain.identity import Keyring, kind_of
from capture.domain.people import Merge, People
from capture.domain.profile import Profile
from capture.domain.to_events import CatalogueEntry, Register, captured_event
from capture.playbook import CapturePlaybook
from events.contacts import ConsentChanged, ContactCaptured, ContactPostponed
from events.ids import derive


@dataclass(frozen=True, slots=True)
class Captured:
    """The answer to a submission."""

    contact_id: UUID
    engagement_id: UUID
    status: Literal["accepted", "duplicate"]


class Identity(NamedTuple):
    """Whom a key belongs to; the incarnation counts how often that person was forgotten."""

    contact_id: UUID | None = None
    incarnation: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the people of a batch, and which of its submissions are repeats."""

    identities: Mapping[UUID, Identity]
    profiles: Mapping[UUID, Profile]
    repeats: Mapping[UUID, Captured]
    survivors: Mapping[UUID, UUID] = field(default_factory=dict)
    """Each contact that was merged into another, and the one that speaks for both."""
    apart: frozenset[frozenset[UUID]] = frozenset()
    """Pairs that were one person by mistake, and are not made so again."""
    campaign_ends: Mapping[str, datetime] = field(default_factory=dict)
    content: Mapping[str, CatalogueEntry] = field(default_factory=dict)
    suppressed: Mapping[UUID, Collection[str]] = field(default_factory=dict)
    """The channels by which whoever bears a key must not be reached."""


class Engagement(NamedTuple):
    """One new engagement: the arrival it came from, and the event that tells of it."""

    arrival: Arrival
    event: ContactCaptured


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What a batch comes to."""

    answers: list[Captured]
    """One for each arrival that has no fault, in their order."""
    engagements: list[Engagement]
    profiles: list[Profile]
    """The rows that changed, each with what was sent under its own id."""
    people: list[Profile]
    """Each person that changed, all their contacts taken together."""
    merges: list[Merge]
    owners: dict[UUID, UUID]
    """Each key of somebody who was taken in, and whose it is now."""
    preferences: list[ConsentChanged | ContactPostponed]
    """What people no longer allow, allow again or put off."""
    faults: dict[int, Fault] = field(default_factory=dict)
    """The arrivals, by their place in the batch, that came under the id of somebody else's event."""


def possible_contacts(arrivals: Sequence[Arrival], identities: Mapping[UUID, Identity], keyring: Keyring) -> set[UUID]:
    """Return every contact that a batch may be about, so that all are locked before any is read."""
    found = {row.contact_id for row in identities.values() if row.contact_id is not None}
    for arrival in arrivals:
        first = identities[arrival.keys[0]]
        if first.contact_id is None:
            found.add(_newcomer(arrival, first, keyring))
        if arrival.by_phone_alone:
            found |= {_phone_user(key, identities.get(key, Identity()), keyring) for key in arrival.keys[1:]}
    return found


def _phone_user(key: UUID, row: Identity, keyring: Keyring) -> UUID:
    return keyring.contact(key, row.incarnation)


def _newcomer(arrival: Arrival, row: Identity, keyring: Keyring) -> UUID:
    return keyring.contact(arrival.keys[0], row.incarnation) if row.incarnation else arrival.newcomer


def take(
    arrivals: Sequence[Arrival], known: Known, keyring: Keyring, rules: CapturePlaybook, now: datetime
) -> IntakeResult:
    """Take a batch in: one answer per arrival, and everything new."""
    fold = _Fold(known, keyring, rules, now)
    found = [fold.take(arrival) for arrival in arrivals]
    faults = {number: each for number, each in enumerate(found) if isinstance(each, Fault)}
    answers = [each for each in found if isinstance(each, Captured)]
    people = fold.people
    return IntakeResult(
        answers,
        fold.engagements,
        people.rows(),
        people.whole(),
        people.merges,
        fold.taken,
        list(fold.preferences()),
        faults,
    )


class _Fold:
    """The state that runs through a batch."""

    def __init__(self, known: Known, keyring: Keyring, rules: CapturePlaybook, now: datetime) -> None:
        self._known = known
        self._keyring = keyring
        self._rules = rules
        self._now = now
        self._repeats = dict(known.repeats)
        self._owners = {key: row.contact_id for key, row in known.identities.items() if row.contact_id is not None}
        self.people = People(known.profiles, known.survivors, known.apart)
        self.engagements: list[Engagement] = []
        self.taken: dict[UUID, UUID] = {}
        self._answered: set[UUID] = set()
        """Whose refusals came, changed or went."""

    def take(self, arrival: Arrival) -> Captured | Fault:
        before = self._repeats.get(arrival.repeat_key) if arrival.repeat_key is not None else None
        if before is not None:
            if arrival.by_event and not self._is_about(arrival, before.contact_id):
                return Fault("event_id", "event_id_reused")
            return replace(before, status="duplicate")
        contact_id = self._find_contact(arrival)
        self._assign_keys(arrival, contact_id)
        arrival = self._without_undated_grants(contact_id, arrival)
        engagement_id = self._name(contact_id, arrival)
        person = self._absorb(contact_id, arrival)
        submission = arrival.submission
        register = Register(
            self._known.campaign_ends.get(submission.campaign or ""),
            self._known.content.get(submission.content or "", CatalogueEntry()),
        )
        event = captured_event(arrival, engagement_id, person, self._rules, register, self._now)
        self.engagements.append(Engagement(arrival, event))
        answer = Captured(contact_id, engagement_id, "accepted")
        if arrival.repeat_key is not None:
            self._repeats[arrival.repeat_key] = answer
        return answer

    def _name(self, contact_id: UUID, arrival: Arrival) -> UUID:
        """Name an engagement by the client's own event, else by its place in the contact's history."""
        if arrival.by_event:
            return derive("engagement", contact_id, arrival.repeat_key)
        return derive("engagement", contact_id, self.people.row(contact_id, arrival.occurred_at).engagements)

    def _is_about(self, arrival: Arrival, contact_id: UUID) -> bool:
        person = self.people.survivor(contact_id)
        owners = {self.people.survivor(self._owners[key]) for key in arrival.keys if key in self._owners}
        return person in owners and (not arrival.by_phone_alone or person == self._phone_user(arrival))

    def _find_contact(self, arrival: Arrival) -> UUID:
        """Find whom an arrival is about, joining those whom it shows to be one.

        The first key decides. A phone or a badge beside an e-mail finds who left no e-mail yet: the people of an
        office share their phones.
        """
        submission = arrival.submission
        if arrival.by_phone_alone:
            return self._phone_user(arrival)
        owners = [self.people.survivor(self._owners[key]) for key in arrival.keys if key in self._owners]
        if arrival.keys[0] in self._owners:
            found = owners[0]
        else:
            fitting = (owner for owner in owners if self.people.may_be(owner, submission))
            newcomer = _newcomer(arrival, self._known.identities.get(arrival.keys[0], Identity()), self._keyring)
            found = next(fitting, newcomer)
        for other in owners:
            found = self.people.join(found, other, submission)
        return found

    def _without_undated_grants(self, contact_id: UUID, arrival: Arrival) -> Arrival:
        """Leave out what a list row grants without a date and the person has withdrawn: which was last is not known."""
        given = arrival.submission.consent or []
        if not is_undated_row(arrival) or not given:
            return arrival
        withdrawn = self.people.withdrawn(contact_id)
        kept = [
            each
            for each in given
            if each.at is not None or not each.granted or (each.purpose, each.channel) not in withdrawn
        ]
        return arrival._replace(submission=arrival.submission.model_copy(update={"consent": kept or None}))

    def _phone_user(self, arrival: Arrival) -> UUID:
        """Find who posted by a phone alone: people whose names contradict share the phone, and stay apart.

        The key of the phone's nameless user is owned from then on, which marks the phone as shared: whoever leaves no
        name there is nobody whom we know.
        """
        phone, *names = arrival.keys
        own, nameless = names[0], names[-1]
        if own != nameless and own in self._owners:
            return self.people.survivor(self._owners[own])
        by_initial = [self.people.survivor(self._owners[name]) for name in names[1:-1] if name in self._owners]
        if by_initial and profile.names_agree(self.people.person(by_initial[0]), arrival.submission):
            return by_initial[0]
        if phone not in self._owners:
            return _newcomer(arrival, self._known.identities.get(phone, Identity()), self._keyring)
        first = self.people.survivor(self._owners[phone])
        is_shared = nameless in self._owners
        contradicts = arrival.by_extension or not profile.names_agree(self.people.person(first), arrival.submission)
        if not contradicts and (own != nameless or not is_shared):
            return first
        if own == nameless and self.people.survivor(self._owners[nameless]) != first:
            return self.people.survivor(self._owners[nameless])
        return self.people.survivor(_phone_user(own, self._known.identities.get(own, Identity()), self._keyring))

    def _assign_keys(self, arrival: Arrival, contact_id: UUID) -> None:
        """Note whose the keys of an arrival are from now on."""
        keys = arrival.keys
        if arrival.by_phone_alone:
            phone, *names = arrival.keys
            first = self._owners.setdefault(phone, contact_id)
            keys = (phone, *names[:-1])
            if self.people.survivor(first) != contact_id:
                nameless_user = contact_id if len(names) == 1 else first
                if len(names) == 1 or names[-1] not in self._owners:
                    self._owners[names[-1]] = nameless_user
                keys = arrival.keys
        for key in keys:
            self.taken[key] = self._owners.setdefault(key, contact_id)

    def _absorb(self, contact_id: UUID, arrival: Arrival) -> Profile:
        submission = arrival.submission
        before = self.people.row(contact_id, arrival.occurred_at)
        row = profile.add_engagement(
            before,
            submission,
            arrival.occurred_at,
            kind_of(submission.email, self._rules.email) if submission.email else None,
            consents_of(submission.consent or (), arrival.occurred_at, self._rules.double_opt_in),
            suppressed={channel for key in arrival.keys for channel in self._known.suppressed.get(key, ())},
            revision=self.people.next_revision(before),
        )
        person = self.people.put(row)
        changed = row.consents is not before.consents or row.suppressed != before.suppressed
        if changed and before.revision and (before.refuses or person.refuses or person is not row):
            self._answered.add(contact_id)
        return person

    def preferences(self) -> Iterator[ConsentChanged | ContactPostponed]:
        """Yield the preferences that changed of people who may be leads already."""
        answered = {self.people.survivor(engagement) for engagement in self._answered}
        for contact_id in sorted(
            answered | {self.people.survivor(engagement.survivor_id) for engagement in self.people.merges}
        ):
            person = self.people.person(contact_id)
            if contact_id in answered or person.refuses:
                yield person.allows(self._now)
        for engagement in self.engagements:
            event = engagement.event
            if event.preference == "not_now":
                yield ContactPostponed(
                    occurred_at=event.occurred_at,
                    contact_id=event.contact_id,
                    engagement_id=event.engagement_id,
                    preferred_at=event.preferred_at,
                )
