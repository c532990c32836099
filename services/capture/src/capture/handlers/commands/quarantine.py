"""The quarantine: what a program seems to have sent waits, with its reason, for a release or a discard."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from prometheus_client import Counter

from capture.domain import arrival
from capture.domain.forms import Reason
from capture.domain.identity import Keyring
from capture.domain.intake import Captured
from capture.domain.submission import Submission
from capture.handlers.commands.submissions import Incoming, SubmissionResult, capture
from capture.handlers.errors import QuarantineUnknown
from capture.playbook import CapturePlaybook
from capture.store import quarantine as store
from events.ids import derive
from events.runtime import DomainError, Transaction

QUARANTINED = Counter(
    "baton_quarantined_total",
    "Submissions put in quarantine because a program seems to have sent them.",
    ["reason"],
)

ENDS = "quarantine_ends"
Verb = Literal["release", "discard"]


async def put_in_quarantine(  # noqa: PLR0917 - one row, field by field
    form: str, values: Mapping[str, Any], reason: Reason, copy: str, keyring: Keyring, tx: Transaction
) -> Captured:
    """Put a submission in quarantine; returns an answer like any other.

    `copy` is the number of the form's copy, by which a second sending is found.
    """
    arrived = arrival.arrive(Submission.model_validate(values), keyring, tx.playbook(CapturePlaybook), tx.now)
    quarantine_id = derive("quarantine", form, copy, arrived.repeat_key or tx.now)
    await store.put(
        tx,
        {
            "quarantine_id": quarantine_id,
            "received_at": tx.now,
            "reason": reason,
            "form": form,
            "names": list(arrived.keys),
            "submission": dict(values),
        },
    )
    QUARANTINED.labels(reason).inc()
    stranger = derive("stranger", quarantine_id)
    days = timedelta(days=tx.playbook(CapturePlaybook).quarantine_days)
    tx.schedule(ENDS, quarantine_id, stranger, tx.now + days)
    return Captured(stranger, quarantine_id, "accepted")


async def settle(quarantine_id: UUID, verb: Verb, by: str, keyring: Keyring, tx: Transaction) -> dict[str, Any]:
    """Accept a quarantined submission as of when it was received, or discard it; a second time changes nothing."""
    row = await store.claim(tx, quarantine_id)
    if row is None:
        raise QuarantineUnknown
    if row["state"] != "held":
        return {"state": row["state"], **(row["answer"] or {})}
    answer: dict[str, Any] = {}
    if verb == "release":
        submission = Submission.model_validate({**row["submission"], "occurred_at": row["received_at"].isoformat()})
        (taken,) = await capture(keyring, [Incoming(submission)], tx)
        if isinstance(taken, DomainError):
            raise taken
        answer = _fields(taken)
    verdict = {
        "state": "released" if verb == "release" else "discarded",
        "settled_at": tx.now,
        "settled_by": by,
        "answer": answer or None,
    }
    await store.settle(tx, quarantine_id, verdict)
    tx.unschedule(ENDS, quarantine_id)
    return {"state": verdict["state"], **answer}


def _fields(taken: SubmissionResult) -> dict[str, Any]:
    return dict(taken.fields())
