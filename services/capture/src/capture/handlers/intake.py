"""Take submissions in: everything that arrived together in one transaction, in a handful of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson

from capture.domain import arrival, intake
from capture.domain.arrival import Arrival
from capture.domain.identity import Keyring
from capture.domain.intake import Captured, Identity, Known, Taken
from capture.domain.submission import Submission
from capture.handlers.errors import refusal
from capture.handlers.merging import announce
from capture.playbook import CapturePlaybook
from capture.store import intake as store
from events.runtime import DomainError, Transaction, merges
from events.runtime.commands import recall, remember
from events.runtime.problems import KeyReused

Claim = tuple[str, str, str]
"""Scope, `Idempotency-Key` and fingerprint of the body."""

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Incoming:
    """One submission at the door, under which idempotency key it came, and from which badge it was read, if any."""

    submission: Submission
    claim: Claim | None = None
    badge: str | None = None
    """`<event>:<id>`."""
    sent_at: datetime | None = None
    """What the sender's own clock said when it sent this: how far it is off is taken out of `occurred_at`."""

    def of(self, message: Claim, number: int) -> "Incoming":
        """Give it as the `number`-th of a message that may come again."""
        scope, name, fingerprint = message
        return replace(self, claim=(scope, f"{name}#{number}", fingerprint))

    def at(self, now: datetime) -> "Incoming":
        """Give it with the time that a right clock would have shown."""
        said = self.submission.occurred_at
        if self.sent_at is None or said is None:
            return self
        submission = self.submission.model_copy(update={"occurred_at": said + (now - self.sent_at)})
        return replace(self, submission=submission)


class Answer(NamedTuple):
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
    batch = [item if item.sent_at is None else item.at(tx.now) for item in batch]
    answers: Answers = {}
    for number, item in enumerate(batch):
        fault = arrival.fault_of(item.submission, rules, tx.now)
        if fault is not None:
            answers[number] = refusal(fault)
    first, repeated = _claims([item.claim for item in batch], answers)
    await _recall(tx, first, answers)
    fresh = [n for n in range(len(batch)) if n not in answers and n not in repeated]
    arrivals = [arrival.arrive(batch[n].submission, keyring, rules, tx.now, batch[n].badge) for n in fresh]
    if arrivals:
        taken = await _take(arrivals, keyring, rules, tx)
        answers |= {fresh[place]: refusal(fault) for place, fault in taken.faults.items()}
        answers |= zip([n for n in fresh if n not in answers], map(Answer, taken.answers), strict=True)
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
    tx.held()
    known = await _people(arrivals, identities, keyring, tx)
    known = replace(
        known,
        repeats=await store.load_repeats(tx, events, words, rules.repeats_since(tx.now)),
        suppressed=await store.load_suppressed(tx, proposed),
        campaign_ends=await store.load_campaign_ends(tx, _waiting_for(arrivals)),
        content_stages=await store.load_content_stages(
            tx, {told for one in arrivals if (told := one.submission.content)}
        ),
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


async def _people(
    arrivals: Sequence[Arrival], identities: Mapping[UUID, Identity], keyring: Keyring, tx: Transaction
) -> Known:
    """Hold all contacts that a batch may be about, and load what is known of them."""
    await tx.lock(intake.may_own(arrivals, identities, keyring))
    owners = {row.contact_id for row in identities.values() if row.contact_id is not None}
    people = await merges.people(tx, owners, lock=True) if owners else {}
    there = {one for person in people.values() for one in person.contact_ids}
    survivors = {one: person.survivor_id for person in people.values() for one in person.contact_ids[1:]}
    pairs = len({person.survivor_id for person in people.values()}) > 1
    return Known(
        identities,
        await store.load_profiles(tx, there),
        {},
        survivors,
        await store.load_apart(tx, there) if pairs and _may_meet(arrivals, identities) else frozenset(),
    )


def _may_meet(arrivals: Sequence[Arrival], identities: Mapping[UUID, Identity]) -> bool:
    """Tell whether an arrival names two contacts that are known already."""
    return any(
        len({owner for key in one.keys if (owner := identities[key].contact_id) is not None}) > 1 for one in arrivals
    )


def _waiting_for(arrivals: Sequence[Arrival]) -> set[str]:
    """Give the campaigns after whose end somebody wants to talk."""
    return {
        one.submission.campaign
        for one in arrivals
        if one.submission.talk_to_sales_when == "after_event" and one.submission.campaign is not None
    }


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
    for person in taken.people:
        tx.emit(person.event(tx.now))
    for wish in taken.wishes:
        tx.emit(wish)
    await announce(taken.merges, tx)
