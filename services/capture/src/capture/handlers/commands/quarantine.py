"""The quarantine: what a program seems to have sent waits, with its reason, for a release or a discard."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from prometheus_client import Counter

from capture.domain import arrival
from capture.domain.forms import Reason
from capture.domain.identity import IdentityHasher
from capture.domain.intake import CaptureAnswer
from capture.domain.submission import Submission, Values
from capture.handlers.commands.submissions import IncomingSubmission, capture_batch
from capture.handlers.errors import QuarantineUnknown
from capture.playbook import CapturePlaybook
from capture.store import quarantine as store
from capture.store.quarantine import QuarantinedRow
from events.ids import derive_id
from events.runtime import DomainError, Transaction

QUARANTINED = Counter(
    "baton_quarantined_total",
    "Submissions put in quarantine because a program seems to have sent them.",
    ["reason"],
)

ENDS = "quarantine_ends"
Verb = Literal["release", "discard"]


class QuarantineOutcome(NamedTuple):
    """What became of a quarantined submission; `answer` is what its sender was to be answered, empty if discarded."""

    state: str
    answer: Mapping[str, str]


async def put_in_quarantine(  # noqa: PLR0917 - one row, field by field
    form: str, values: Values, reason: Reason, copy: str, hasher: IdentityHasher, tx: Transaction
) -> CaptureAnswer:
    """Put a submission in quarantine; returns an answer like any other.

    `copy` is the number of the form's copy, by which a second sending is found.
    """
    arrived = arrival.make_arrival(Submission.model_validate(values), hasher, tx.playbook(CapturePlaybook), tx.now)
    quarantine_id = derive_id("quarantine", form, copy, arrived.repeat_key or tx.now)
    await store.save_submission(
        tx,
        QuarantinedRow(quarantine_id, tx.now, reason, form, dict(values)),
        names=list(arrived.keys),
    )
    QUARANTINED.labels(reason).inc()
    stranger = derive_id("stranger", quarantine_id)
    days = timedelta(days=tx.playbook(CapturePlaybook).quarantine_days)
    tx.schedule(ENDS, quarantine_id, stranger, tx.now + days)
    return CaptureAnswer(stranger, quarantine_id, "accepted")


async def close_quarantined(
    quarantine_id: UUID, verb: Verb, by: str, hasher: IdentityHasher, tx: Transaction
) -> QuarantineOutcome:
    """Accept a quarantined submission as of when it was received, or discard it; a second time changes nothing."""
    row = await store.lock_submission(tx, quarantine_id)
    if row is None:
        raise QuarantineUnknown
    if row.state != "held":
        return QuarantineOutcome(row.state, row.answer or {})
    answer: Mapping[str, str] = {}
    if verb == "release":
        submission = Submission.model_validate({**(row.submission or {}), "occurred_at": row.received_at.isoformat()})
        (taken,) = await capture_batch(hasher, [IncomingSubmission(submission)], tx)
        if isinstance(taken, DomainError):
            raise taken
        answer = taken.as_fields()
    state = "released" if verb == "release" else "discarded"
    await store.close_submission(tx, quarantine_id, state, by, answer)
    tx.unschedule(ENDS, quarantine_id)
    return QuarantineOutcome(state, answer)
