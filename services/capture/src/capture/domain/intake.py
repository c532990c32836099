"""What becomes of submissions: whom they are about, whether they were said before, and what to tell the others.

A fold over a batch in its order of arrival: the second submission of a batch meets the contact that the first one made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from capture.domain import privacy, profile
from capture.domain.identity import Keyring, kind_of
from capture.domain.profile import Profile
from capture.domain.submission import ConsentGiven, Submission
from capture.playbook import CapturePlaybook
from events.contacts import Consent, ContactCaptured, Utm
from events.ids import derive


class Fault(NamedTuple):
    """Why a submission is refused: in which field, under which code."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A submission with the keyed names of its person and of what it says. `by_event` where the client named it."""

    submission: Submission
    source: str
    engagement: str
    occurred_at: datetime
    keys: tuple[UUID, ...]
    newcomer: UUID
    """The contact that this person is, if nobody was ever known by the first key."""
    repeat_key: UUID | None
    by_event: bool


@dataclass(frozen=True, slots=True)
class Captured:
    """The answer to a submission."""

    contact_id: UUID
    engagement_id: UUID
    status: Literal["accepted", "duplicate"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a key belongs to; the incarnation counts how often that person was forgotten."""

    contact_id: UUID | None = None
    incarnation: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record about the people and the words of a batch."""

    identities: Mapping[UUID, Identity]
    profiles: Mapping[UUID, Profile]
    repeats: Mapping[UUID, Captured]


@dataclass(frozen=True, slots=True)
class Engagement:
    """One new engagement: the arrival it came from, and the event that tells of it."""

    arrival: Arrival
    event: ContactCaptured


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch comes to."""

    answers: list[Captured]
    engagements: list[Engagement]
    profiles: list[Profile]
    owners: dict[UUID, UUID]
    """Each key of somebody who was taken in, and whose it is now."""


def fault_of(submission: Submission, rules: CapturePlaybook, now: datetime) -> Fault | None:
    """Tell what the playbook or the clock has against a submission that is well-formed."""
    if submission.source is not None and submission.source not in rules.sources:
        return Fault("source", "unknown_source")
    if submission.engagement is not None and submission.engagement not in rules.engagement_set:
        return Fault("engagement", "unknown_engagement")
    latest = rules.latest(now)
    if submission.occurred_at is not None and submission.occurred_at > latest:
        return Fault("occurred_at", "in_the_future")
    return consent_fault(submission.consent or (), latest)


def consent_fault(given: Sequence[ConsentGiven], latest: datetime) -> Fault | None:
    """Refuse an answer that is dated after `latest`."""
    if any(consent.at is not None and consent.at > latest for consent in given):
        return Fault("consent.at", "in_the_future")
    return None


def arrive(submission: Submission, keyring: Keyring, rules: CapturePlaybook, now: datetime) -> Arrival:
    """Name the person and the words of a submission, and fill in what the playbook says goes without saying."""
    source = submission.source or rules.default_source
    keys = []
    if submission.email is not None:
        keys.append(keyring.email(submission.email))
    if submission.phone is not None:
        keys.append(keyring.phone(submission.phone))
    if submission.event_id is not None:
        repeat_key = keyring.content(f"event|{source}|{submission.event_id}".encode())
    elif rules.repeat_minutes:
        repeat_key = keyring.content(b"%b|%b" % (source.encode(), _words(submission, keys)))
    else:
        repeat_key = None
    return Arrival(
        submission,
        source,
        submission.engagement or rules.sources[source].engagement,
        min(submission.occurred_at or now, now),
        tuple(keys),
        keyring.contact(keys[0], 0),
        repeat_key,
        by_event=submission.event_id is not None,
    )


_SAID = [name for name in Submission.model_fields if name not in ("email", "phone", "consent", "event_id")]


def _words(submission: Submission, keys: Sequence[UUID]) -> bytes:
    """Write down what is said and by whom; not how the address is spelt, nor when a box was ticked."""
    consents = [(one.purpose, one.granted, one.wording_version) for one in submission.consent or ()]
    said = [getattr(submission, name) for name in _SAID]
    return repr((*keys, *consents, *said)).encode()


def may_own(arrivals: Sequence[Arrival], identities: Mapping[UUID, Identity], keyring: Keyring) -> set[UUID]:
    """Give every contact that a batch may turn out to be about, so that all are locked before any is read."""
    found = {row.contact_id for row in identities.values() if row.contact_id is not None}
    for arrival in arrivals:
        first = identities[arrival.keys[0]]
        if first.contact_id is None:
            found.add(_newcomer(arrival, first, keyring))
    return found


def _newcomer(arrival: Arrival, row: Identity, keyring: Keyring) -> UUID:
    return keyring.contact(arrival.keys[0], row.incarnation) if row.incarnation else arrival.newcomer


def take(arrivals: Sequence[Arrival], known: Known, keyring: Keyring, rules: CapturePlaybook, now: datetime) -> Taken:
    """Take a batch in: one answer per arrival, and everything new."""
    fold = _Fold(known, keyring, rules, now)
    answers = [fold.take(arrival) for arrival in arrivals]
    return Taken(answers, fold.engagements, list(fold.changed.values()), fold.taken)


class _Fold:
    """The state that runs through a batch."""

    def __init__(self, known: Known, keyring: Keyring, rules: CapturePlaybook, now: datetime) -> None:
        self._known = known
        self._keyring = keyring
        self._rules = rules
        self._now = now
        self._said = dict(known.repeats)
        self._owners = {key: row.contact_id for key, row in known.identities.items() if row.contact_id is not None}
        self.engagements: list[Engagement] = []
        self.changed: dict[UUID, Profile] = {}
        self.taken: dict[UUID, UUID] = {}

    def take(self, arrival: Arrival) -> Captured:
        said = self._said.get(arrival.repeat_key) if arrival.repeat_key is not None else None
        if said is not None:
            return replace(said, status="duplicate")
        contact_id = self._whose(arrival)
        for key in arrival.keys:
            self.taken[key] = self._owners.setdefault(key, contact_id)
        engagement_id = (
            derive("engagement", contact_id, arrival.repeat_key)
            if arrival.by_event
            else self._nameless(contact_id, arrival)
        )
        person = self._absorb(contact_id, arrival)
        self.engagements.append(Engagement(arrival, _event(arrival, engagement_id, person, self._rules, self._now)))
        answer = Captured(contact_id, engagement_id, "accepted")
        if arrival.repeat_key is not None:
            self._said[arrival.repeat_key] = answer
        return answer

    def _nameless(self, contact_id: UUID, arrival: Arrival) -> UUID:
        """Name an engagement that the client did not name by its place in the contact's history."""
        count = self._profile(contact_id, arrival.occurred_at).engagements
        return derive("engagement", contact_id, count)

    def _whose(self, arrival: Arrival) -> UUID:
        """Find whom an arrival is about. The e-mail decides; a phone is shared by the people of an office."""
        first, last = arrival.keys[0], arrival.keys[-1]
        owner = self._owners.get(first)
        if owner is None and last != first:
            by_phone = self._owners.get(last)
            if by_phone is not None and self._profile(by_phone, arrival.occurred_at).email is None:
                owner = by_phone
        if owner is None:
            owner = _newcomer(arrival, self._known.identities.get(first, Identity()), self._keyring)
        return owner

    def _profile(self, contact_id: UUID, at: datetime) -> Profile:
        return self.changed.get(contact_id) or self._known.profiles.get(contact_id) or profile.begin(contact_id, at)

    def _absorb(self, contact_id: UUID, arrival: Arrival) -> Profile:
        submission = arrival.submission
        before = self._profile(contact_id, arrival.occurred_at)
        changed = profile.absorb(
            before,
            submission,
            arrival.occurred_at,
            kind_of(submission.email, self._rules.email) if submission.email else None,
            consents_of(submission.consent or (), arrival.occurred_at),
            revision=before.revision + (contact_id not in self.changed),
        )
        self.changed[contact_id] = changed
        return changed


def consents_of(given: Sequence[ConsentGiven], at: datetime) -> list[Consent]:
    """Date the answers: `at` (UTC) where the sender does not say when; never after it."""
    return [
        Consent(
            purpose=consent.purpose,
            granted=consent.granted,
            wording_version=consent.wording_version,
            at=consent.at or at,
        )
        for consent in given
    ]


def _event(
    arrival: Arrival, engagement_id: UUID, person: Profile, rules: CapturePlaybook, now: datetime
) -> ContactCaptured:
    told = arrival.submission
    whom = privacy.Person.of(told.phone or person.phone, person.first_name, person.last_name)
    return ContactCaptured(
        occurred_at=arrival.occurred_at,
        contact_id=person.contact_id,
        engagement_id=engagement_id,
        engagement=arrival.engagement,
        source=arrival.source,
        received_at=now,
        content=privacy.public_code(told.content, whom),
        campaign=privacy.public_code(told.campaign, whom),
        utm=_utm(told, whom),
        email_domain=person.email_domain,
        email_kind=person.email_kind,
        company=privacy.public_text(told.company, whom),
        country=told.country,
        region=privacy.public_text(told.region, whom),
        postal_code=privacy.public_code(told.postal_code, whom),
        industry=privacy.public_text(told.industry, whom),
        employees=told.employees,
        job_title=privacy.public_text(told.job_title, whom),
        preference=told.preference,
        preferred_at=told.preferred_at,
        talk_to_sales=told.talk_to_sales,
        talk_to_sales_when=told.talk_to_sales_when,
        facts=privacy.public_facts(told.facts, whom, rules.withheld_facts),
        consents=consents_of(told.consent or (), arrival.occurred_at),
    )


def _utm(told: Submission, whom: privacy.Person) -> Utm | None:
    if told.utm is None:
        return None
    return Utm(
        source=privacy.public_code(told.utm.source, whom),
        medium=privacy.public_code(told.utm.medium, whom),
        campaign=privacy.public_code(told.utm.campaign, whom),
        term=privacy.public_code(told.utm.term, whom),
        content=privacy.public_code(told.utm.content, whom),
    )
