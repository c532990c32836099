"""Take submissions in: everything that arrived together in one transaction, in a handful of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from capture.domain import intake
from capture.domain.identity import Keyring
from capture.domain.intake import Arrival, Captured, Known, Taken
from capture.domain.submission import Submission
from capture.handlers.errors import refusal
from capture.playbook import CapturePlaybook
from capture.store import intake as store
from events.runtime import DomainError, Transaction
from events.runtime.commands import recall, remember
from events.runtime.problems import KeyReused

Claim = tuple[str, str, str]
"""Scope, `Idempotency-Key` and fingerprint of the body."""

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Incoming:
    """One submission at the door, and under which idempotency key it came, if any."""

    submission: Submission
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a submission; `replayed` where the same request was answered before."""

    captured: Captured
    replayed: bool = False

    def fields(self) -> dict[str, str]:
        """Give the answer's fields as plain text: ids from the database are of the driver's own type."""
        captured = self.captured
        return {
            "contact_id": str(captured.contact_id),
            "engagement_id": str(captured.engagement_id),
            "status": captured.status,
        }

    def body(self) -> bytes:
        """Write the answer as JSON: the same bytes for the same answer."""
        return orjson.dumps(self.fields())

    @classmethod
    def again(cls, body: bytes) -> "Answer":
        """Read an answer that was given before."""
        was = orjson.loads(body)
        ids = (UUID(was["contact_id"]), UUID(was["engagement_id"]))
        return cls(Captured(*ids, was["status"]), replayed=True)


Answers = dict[int, Answer | DomainError]


async def capture(keyring: Keyring, batch: Sequence[Incoming], tx: Transaction) -> list[Answer | DomainError]:
    """Answer every submission of a batch; a bad one spoils no other."""
    rules = tx.playbook(CapturePlaybook)
    answers: Answers = {}
    for number, item in enumerate(batch):
        fault = intake.fault_of(item.submission, rules, tx.now)
        if fault is not None:
            answers[number] = refusal(fault)
    first, repeated = _claims([item.claim for item in batch], answers)
    await _recall(tx, first, answers)
    fresh = [n for n in range(len(batch)) if n not in answers and n not in repeated]
    arrivals = [intake.arrive(batch[n].submission, keyring, rules, tx.now) for n in fresh]
    if arrivals:
        taken = await _take(arrivals, keyring, rules, tx)
        answers |= zip(fresh, map(Answer, taken.answers), strict=True)
    await _remember(tx, {n: first[n] for n in fresh if n in first}, answers)
    for number, claim in repeated.items():
        await _recall(tx, {number: claim}, answers)
    return [answers[number] for number in range(len(batch))]


def _claims(claims: Sequence[Claim | None], answered: Answers) -> tuple[dict[int, Claim], dict[int, Claim]]:
    """Tell the first of each key from those that came with the same key in the same instant."""
    first: dict[int, Claim] = {}
    repeated: dict[int, Claim] = {}
    seen: set[tuple[str, str]] = set()
    for number, claim in enumerate(claims):
        if claim is not None and number not in answered:
            (repeated if claim[:2] in seen else first)[number] = claim
            seen.add(claim[:2])
    return first, repeated


async def _recall(tx: Transaction, claims: dict[int, Claim], answers: Answers) -> None:
    """Answer as before what was answered before."""
    found = await recall(tx, list(claims.values()))
    for number, claim in claims.items():
        before = found.get(claim[:2])
        if before is not None:
            answers[number] = Answer.again(before.body) if before.same else KeyReused()


async def _remember(tx: Transaction, claims: dict[int, Claim], answers: Answers) -> None:
    given = []
    for number, claim in claims.items():
        answer = answers[number]
        if isinstance(answer, Answer):
            given.append((*claim, ACCEPTED, answer.body()))
    await remember(tx, given)


async def _take(arrivals: Sequence[Arrival], keyring: Keyring, rules: CapturePlaybook, tx: Transaction) -> Taken:
    """Hold, load, decide, save, emit. Keys before contacts: only they tell which contacts to hold."""
    events = [one.repeat_key for one in arrivals if one.repeat_key is not None and one.by_event]
    words = [one.repeat_key for one in arrivals if one.repeat_key is not None and not one.by_event]
    proposed = {key: one.newcomer for one in reversed(arrivals) for key in one.keys}
    identities, new = await store.hold(tx, proposed, events)
    await tx.lock(intake.may_own(arrivals, identities, keyring))
    there = {row.contact_id for row in identities.values() if row.contact_id is not None}
    known = Known(
        identities,
        await store.load_profiles(tx, there),
        await store.load_repeats(tx, events, words, rules.repeats_since(tx.now)),
    )
    taken = intake.take(arrivals, known, keyring, rules, tx.now)
    held = {key: proposed[key] if key in new else identities[key].contact_id for key in proposed}
    await store.save_identities(
        tx,
        {key: owner for key, owner in taken.owners.items() if held[key] != owner},
        new - taken.owners.keys(),
    )
    await _save(taken, tx)
    return taken


async def _save(taken: Taken, tx: Transaction) -> None:
    if not taken.engagements:
        return
    if await store.save(tx, taken.profiles, taken.engagements) < len(taken.engagements):
        # Cannot be while the keys are held; were it so, the rows would tell another story than the topic.
        raise RuntimeError("an engagement was there already")
    await store.save_consents(
        tx,
        [
            (one.event.contact_id, one.event.source, consent)
            for one in taken.engagements
            for consent in one.event.consents
        ],
        tx.now,
    )
    for one in taken.engagements:
        tx.emit(one.event)
    for profile in taken.profiles:
        tx.emit(profile.event(tx.now))
