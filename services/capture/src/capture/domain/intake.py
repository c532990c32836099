"""What becomes of submissions: whose they are, whether they repeat an earlier one, and what is published.

A fold over a batch in its order of arrival: the second submission of a batch meets the contact that the first one made.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from capture.domain import profile
from capture.domain.arrival import Arrival, SubmissionFault, date_consents, is_undated_list_row
from capture.domain.identity import IdentityHasher, classify_email
from capture.domain.key_owners import KeyOwner, KeyOwners
from capture.domain.people import BatchPeople, Merge
from capture.domain.profile import Profile
from capture.domain.to_events import CatalogueEntry, RegisterFacts, captured_event
from capture.playbook import CapturePlaybook
from events.contacts import ContactCaptured, ContactPostponed, ContactPreferenceEvent, ContactScheduled
from events.ids import derive_id


@dataclass(frozen=True, slots=True)
class CaptureAnswer:
    """The answer to a submission."""

    contact_id: UUID
    engagement_id: UUID
    status: Literal["accepted", "duplicate"]


@dataclass(frozen=True, slots=True)
class KnownForBatch:
    """What is known of the people of a batch, and which of its submissions are repeats."""

    identities: Mapping[UUID, KeyOwner]
    profiles: Mapping[UUID, Profile]
    repeats: Mapping[UUID, CaptureAnswer]
    survivors: Mapping[UUID, UUID] = field(default_factory=dict)
    """Each contact that was merged into another, and the one that speaks for both."""
    apart: frozenset[frozenset[UUID]] = frozenset()
    """Pairs that were one person by mistake, and are not made so again."""
    campaign_ends: Mapping[str, datetime] = field(default_factory=dict)
    content: Mapping[str, CatalogueEntry] = field(default_factory=dict)
    suppressed: Mapping[UUID, Collection[str]] = field(default_factory=dict)
    """The channels by which whoever bears a key must not be reached."""


class NewEngagement(NamedTuple):
    """One new engagement: the arrival it came from, and the event that tells of it."""

    arrival: Arrival
    event: ContactCaptured


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What a batch of submissions changes: answers, engagements, profiles, merges, and what is published."""

    answers: list[CaptureAnswer]
    """One for each arrival that has no fault, in their order."""
    engagements: list[NewEngagement]
    profiles: list[Profile]
    """The rows that changed, each with what was sent under its own id."""
    people: list[Profile]
    """Each person that changed, all their contacts taken together."""
    merges: list[Merge]
    owners: dict[UUID, UUID]
    """Each key of somebody who was taken in, and whose it is now."""
    preferences: list[ContactPreferenceEvent]
    """What people no longer allow, allow again, put off or want at a time."""
    faults: dict[int, SubmissionFault] = field(default_factory=dict)
    """The arrivals, by their place in the batch, that came under the id of somebody else's event."""


def take_batch(
    arrivals: Sequence[Arrival], known: KnownForBatch, hasher: IdentityHasher, rules: CapturePlaybook, now: datetime
) -> IntakeResult:
    """Take a batch in: one answer per arrival, and everything new."""
    fold = _BatchFold(known, hasher, rules, now)
    found = [fold.take(arrival) for arrival in arrivals]
    faults = {number: each for number, each in enumerate(found) if isinstance(each, SubmissionFault)}
    answers = [each for each in found if isinstance(each, CaptureAnswer)]
    people = fold.people
    return IntakeResult(
        answers,
        fold.engagements,
        people.changed_rows(),
        people.changed_people(),
        people.merges,
        fold.owners.taken,
        list(fold.preferences()),
        faults,
    )


class _BatchFold:
    """The state that runs through a batch."""

    def __init__(self, known: KnownForBatch, hasher: IdentityHasher, rules: CapturePlaybook, now: datetime) -> None:
        self._known = known
        self._hasher = hasher
        self._rules = rules
        self._now = now
        self._repeats = dict(known.repeats)
        self.people = BatchPeople(known.profiles, known.survivors, known.apart)
        self.owners = KeyOwners(known.identities, self.people, hasher)
        self.engagements: list[NewEngagement] = []
        self._answered: set[UUID] = set()
        """Whose refusals came, changed or went."""

    def take(self, arrival: Arrival) -> CaptureAnswer | SubmissionFault:
        before = self._repeats.get(arrival.repeat_key) if arrival.repeat_key is not None else None
        if before is not None:
            if arrival.by_event and not self._is_same_event(arrival, before):
                return SubmissionFault("event_id", "event_id_reused")
            return replace(before, status="duplicate")
        contact_id = self.owners.find_contact(arrival)
        self.owners.assign_keys(arrival, contact_id)
        arrival = self._without_undated_grants(contact_id, arrival)
        engagement_id = self._derive_engagement_id(contact_id, arrival)
        person = self._add_engagement_to_profile(contact_id, arrival)
        submission = arrival.submission
        register = RegisterFacts(
            self._known.campaign_ends.get(submission.campaign or ""),
            self._known.content.get(submission.content or "", CatalogueEntry()),
        )
        event = captured_event(arrival, engagement_id, person, self._rules, register, self._now)
        self.engagements.append(NewEngagement(arrival, event))
        answer = CaptureAnswer(contact_id, engagement_id, "accepted")
        if arrival.repeat_key is not None:
            self._repeats[arrival.repeat_key] = answer
        return answer

    def _is_same_event(self, arrival: Arrival, before: CaptureAnswer) -> bool:
        """Return whether an event that came before is this one: of one person, in a shared mailbox of one name too."""
        names = {self._derive_engagement_id(before.contact_id, each) for each in (arrival, _without_name(arrival))}
        is_named_alike = len(names) == 1 or before.engagement_id in names
        return is_named_alike and self.owners.is_about(arrival, before.contact_id)

    def _derive_engagement_id(self, contact_id: UUID, arrival: Arrival) -> UUID:
        """Name an engagement by the client's own event, else by its place in the contact's history.

        In a mailbox of several people the sender's name is part of it: an event names one of them.
        """
        if not arrival.by_event:
            return derive_id(
                "engagement", contact_id, self.people.profile_row(contact_id, arrival.occurred_at).engagements
            )
        submission = arrival.submission
        name = f"{profile.fold_name(submission.first_name)}|{profile.fold_name(submission.last_name)}"
        if name == "|" or submission.email is None or classify_email(submission.email, self._rules.email) != "role":
            return derive_id("engagement", contact_id, arrival.repeat_key)
        return derive_id("engagement", contact_id, arrival.repeat_key, self._hasher.content_key(name.encode()))

    def _without_undated_grants(self, contact_id: UUID, arrival: Arrival) -> Arrival:
        """Leave out what a list row grants without a date and the person has withdrawn: which was last is not known."""
        given = arrival.submission.consent or []
        if not is_undated_list_row(arrival) or not given:
            return arrival
        withdrawn = self.people.withdrawn_consents(contact_id)
        kept = [
            each
            for each in given
            if each.at is not None or not each.granted or (each.purpose, each.channel) not in withdrawn
        ]
        return arrival._replace(submission=arrival.submission.model_copy(update={"consent": kept or None}))

    def _add_engagement_to_profile(self, contact_id: UUID, arrival: Arrival) -> Profile:
        submission = arrival.submission
        before = self.people.profile_row(contact_id, arrival.occurred_at)
        row = profile.with_engagement(
            before,
            submission,
            arrival.occurred_at,
            classify_email(submission.email, self._rules.email) if submission.email else None,
            date_consents(submission.consent or (), arrival.occurred_at, self._rules.double_opt_in),
            suppressed={channel for key in arrival.keys for channel in self._known.suppressed.get(key, ())},
            revision=self.people.next_revision(before),
        )
        person = self.people.put_row(row)
        changed = row.consents is not before.consents or row.suppressed != before.suppressed
        if changed and before.revision and (before.has_refusal or person.has_refusal or person is not row):
            self._answered.add(contact_id)
        return person

    def preferences(self) -> Iterator[ContactPreferenceEvent]:
        """Yield the preferences that changed of people who may be leads already."""
        answered = {self.people.survivor_of(engagement) for engagement in self._answered}
        for contact_id in sorted(
            answered | {self.people.survivor_of(engagement.survivor_id) for engagement in self.people.merges}
        ):
            person = self.people.whole_person(contact_id)
            if contact_id in answered or person.has_refusal:
                yield person.consent_event(self._now)
        for engagement in self.engagements:
            if (asked := _next_step_event(engagement.event)) is not None:
                yield asked


def _next_step_event(event: ContactCaptured) -> ContactPostponed | ContactScheduled | None:
    """Return when an engagement asks for a call or a meeting; to book without a time asks for the page of slots."""
    if event.preference == "not_now":
        return ContactPostponed(
            occurred_at=event.occurred_at, contact_id=event.contact_id, engagement_id=event.engagement_id,
            preferred_at=event.preferred_at,
        )  # fmt: skip
    if event.preference == "call_me" or (event.preference == "book" and event.preferred_at is not None):
        return ContactScheduled(
            occurred_at=event.occurred_at, contact_id=event.contact_id, engagement_id=event.engagement_id,
            preference=event.preference, preferred_at=event.preferred_at,
        )  # fmt: skip
    return None


def _without_name(arrival: Arrival) -> Arrival:
    return arrival._replace(submission=arrival.submission.model_copy(update={"first_name": None, "last_name": None}))
