"""Accept submissions: all that arrived together in one transaction, in a handful of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson

from capture.domain import arrival, intake, key_owners
from capture.domain.arrival import Arrival
from capture.domain.identity import IdentityHasher
from capture.domain.intake import CaptureAnswer, IntakeResult, KnownForBatch
from capture.domain.key_owners import KeyOwner
from capture.domain.submission import Submission
from capture.handlers.commands.merges import record_and_publish_merges
from capture.handlers.errors import error_for_fault
from capture.playbook import CapturePlaybook
from capture.store import contacts as store
from events.runtime import DomainError, Transaction, merges
from events.runtime.commands import claim_or_recall, save_answers
from events.runtime.problems import IdempotencyKeyReused

Claim = tuple[str, str, str]
"""Scope, `Idempotency-Key` and fingerprint of the body."""

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class IncomingSubmission:
    """One submission with its idempotency key and the badge it was read from, if any."""

    submission: Submission
    claim: Claim | None = None
    badge: str | None = None
    """`<event>:<id>`."""
    is_listed: bool = False
    """Whether it is the row of a list."""
    sent_at: datetime | None = None
    """What the sender's own clock said when it sent this: how far it is off is taken out of `occurred_at`."""

    def with_claim(self, message: Claim, number: int) -> "IncomingSubmission":
        """Return this as the `number`-th item of a message that may be sent again."""
        scope, name, fingerprint = message
        return replace(self, claim=(scope, f"{name}#{number}", fingerprint))

    def with_corrected_time(self, now: datetime) -> "IncomingSubmission":
        """Return this with `occurred_at` corrected by how far the sender's clock is off."""
        occurred_at = self.submission.occurred_at
        if self.sent_at is None or occurred_at is None:
            return self
        submission = self.submission.model_copy(update={"occurred_at": occurred_at + (now - self.sent_at)})
        return replace(self, submission=submission)


class SubmissionResult(NamedTuple):
    """What became of a submission; `replayed` where the same request was answered before."""

    captured: CaptureAnswer
    replayed: bool = False

    def as_fields(self) -> dict[str, str]:
        """Return the answer's fields as plain text: ids from the database are of the driver's own type."""
        captured = self.captured
        return {
            "contact_id": str(captured.contact_id),
            "engagement_id": str(captured.engagement_id),
            "status": captured.status,
        }

    def to_body(self) -> bytes:
        """Write the answer as JSON: the same bytes for the same answer."""
        return orjson.dumps(self.as_fields())

    @classmethod
    def from_body(cls, body: bytes) -> "SubmissionResult":
        """Read an answer that was given before."""
        was = orjson.loads(body)
        ids = (UUID(was["contact_id"]), UUID(was["engagement_id"]))
        return cls(CaptureAnswer(*ids, was["status"]), replayed=True)


Results = dict[int, SubmissionResult | DomainError]


async def capture_batch(
    hasher: IdentityHasher, batch: Sequence[IncomingSubmission], tx: Transaction
) -> list[SubmissionResult | DomainError]:
    """Answer every submission of a batch; a bad one spoils no other."""
    rules = tx.playbook(CapturePlaybook)
    batch = [item if item.sent_at is None else item.with_corrected_time(tx.now) for item in batch]
    answers: Results = {}
    for number, item in enumerate(batch):
        fault = arrival.find_submission_fault(item.submission, rules, tx.now)
        if fault is not None:
            answers[number] = error_for_fault(fault)
    first, repeated = _split_first_and_repeated_claims([item.claim for item in batch], answers)
    await _recall_answers(tx, first, answers)
    fresh = [n for n in range(len(batch)) if n not in answers and n not in repeated]
    arrivals = [
        arrival.make_arrival(batch[n].submission, hasher, rules, tx.now, batch[n].badge, is_listed=batch[n].is_listed)
        for n in fresh
    ]
    if arrivals:
        taken = await _process_identified_submissions(arrivals, hasher, rules, tx)
        answers |= {fresh[place]: error_for_fault(fault) for place, fault in taken.faults.items()}
        answers |= zip([n for n in fresh if n not in answers], map(SubmissionResult, taken.answers), strict=True)
    await _save_answers(tx, {n: first[n] for n in fresh if n in first}, answers)
    for number, claim in repeated.items():
        await _recall_answers(tx, {number: claim}, answers)
    given = [answers[number] for number in range(len(batch))]
    tx.continue_request_traces((_contact_of_result(answer) for answer in given), begun=True)
    return given


def _contact_of_result(answer: SubmissionResult | DomainError) -> UUID | None:
    """Return whose events a submission led to."""
    return answer.captured.contact_id if isinstance(answer, SubmissionResult) and not answer.replayed else None


def _split_first_and_repeated_claims(
    claims: Sequence[Claim | None], answered: Results
) -> tuple[dict[int, Claim], dict[int, Claim]]:
    """Return the first claim of each key, and those that repeat its key in the same batch."""
    first: dict[int, Claim] = {}
    repeated: dict[int, Claim] = {}
    seen: set[tuple[str, str]] = set()
    for number, claim in enumerate(claims):
        if claim is not None and number not in answered:
            (repeated if claim[:2] in seen else first)[number] = claim
            seen.add(claim[:2])
    return first, repeated


async def _recall_answers(tx: Transaction, claims: dict[int, Claim], answers: Results) -> None:
    """Answer as before what was answered before."""
    found = await claim_or_recall(tx, list(claims.values()))
    for number, claim in claims.items():
        before = found.get(claim[:2])
        if before is not None:
            answers[number] = SubmissionResult.from_body(before.body) if before.same else IdempotencyKeyReused()


async def _save_answers(tx: Transaction, claims: dict[int, Claim], answers: Results) -> None:
    given = []
    for number, claim in claims.items():
        answer = answers[number]
        if isinstance(answer, SubmissionResult):
            given.append((*claim, ACCEPTED, answer.to_body()))
    await save_answers(tx, given)


async def _process_identified_submissions(
    arrivals: Sequence[Arrival], hasher: IdentityHasher, rules: CapturePlaybook, tx: Transaction
) -> IntakeResult:
    """Lock, load, decide, save, publish. Keys before contacts: they decide which contacts are locked."""
    events = [arrival_.repeat_key for arrival_ in arrivals if arrival_.repeat_key is not None and arrival_.by_event]
    contents = [
        arrival_.repeat_key for arrival_ in arrivals if arrival_.repeat_key is not None and not arrival_.by_event
    ]
    proposed = {key: arrival_.newcomer for arrival_ in reversed(arrivals) for key in arrival_.keys}
    users = {key for arrival_ in arrivals for key in arrival_.shared_keys}
    identities, new = await store.lock_or_create_keys(tx, proposed, events, users - proposed.keys())
    tx.locks_taken()
    known = await _lock_and_load_people(arrivals, identities, hasher, tx)
    known = replace(
        known,
        repeats=await store.load_repeats(tx, events, contents, rules.repeat_window_start(tx.now)),
        suppressed=await store.load_suppressed_channels(tx, proposed),
        campaign_ends=await store.load_campaign_ends(tx, _campaigns_waited_for(arrivals)),
        content=await store.load_catalogue_entries(
            tx, {content for arrival_ in arrivals if (content := arrival_.submission.content)}
        ),
    )
    taken = intake.take_batch(arrivals, known, hasher, rules, tx.now)
    owners_before = {key: proposed[key] if key in new else row.contact_id for key, row in identities.items()}
    await store.save_identities(
        tx,
        {key: owner for key, owner in taken.owners.items() if owners_before.get(key) != owner},
        new - taken.owners.keys(),
    )
    await _save_intake_result(taken, tx)
    return taken


async def _lock_and_load_people(
    arrivals: Sequence[Arrival], identities: Mapping[UUID, KeyOwner], hasher: IdentityHasher, tx: Transaction
) -> KnownForBatch:
    """Lock all contacts that a batch may be about, and load what is known of them."""
    await tx.lock_contacts(key_owners.possible_contacts(arrivals, identities, hasher))
    owners = {row.contact_id for row in identities.values() if row.contact_id is not None}
    people = await merges.load_people_of_contacts(tx, owners, lock=True) if owners else {}
    there = {contact_id for person in people.values() for contact_id in person.contact_ids}
    survivors = {contact_id: person.survivor_id for person in people.values() for contact_id in person.contact_ids[1:]}
    pairs = len({person.survivor_id for person in people.values()}) > 1
    return KnownForBatch(
        identities,
        await store.load_profiles(tx, there),
        {},
        survivors,
        await store.load_pairs_kept_apart(tx, there)
        if pairs and _names_two_known_contacts(arrivals, identities)
        else frozenset(),
    )


def _names_two_known_contacts(arrivals: Sequence[Arrival], identities: Mapping[UUID, KeyOwner]) -> bool:
    """Return whether an arrival names two contacts that are known already."""
    return any(
        len(
            {row.contact_id for key in (*arrival_.keys, *arrival_.shared_keys) if (row := identities.get(key))} - {None}
        )
        > 1
        for arrival_ in arrivals
    )


def _campaigns_waited_for(arrivals: Sequence[Arrival]) -> set[str]:
    """Return the campaigns after whose end somebody wants to talk."""
    return {
        arrival_.submission.campaign
        for arrival_ in arrivals
        if arrival_.submission.talk_to_sales_when == "after_event" and arrival_.submission.campaign is not None
    }


async def _save_intake_result(taken: IntakeResult, tx: Transaction) -> None:
    if not taken.engagements:
        return
    if await store.save_profiles_and_engagements(tx, taken.profiles, taken.engagements) < len(taken.engagements):
        # Cannot be while the keys are locked; otherwise rows and topic would differ.
        raise RuntimeError("an engagement was there already")
    await store.save_consents(
        tx,
        [
            (engagement.event.contact_id, engagement.event.source, consent)
            for engagement in taken.engagements
            for consent in engagement.event.consents
        ],
        tx.now,
    )
    for engagement in taken.engagements:
        tx.emit(engagement.event)
    for person in taken.people:
        tx.emit(person.profile_event(tx.now))
    for record_next_step in taken.preferences:
        tx.emit(record_next_step)
    await record_and_publish_merges(taken.merges, tx)
