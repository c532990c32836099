"""What looks as if no person had sent it is held with a reason, until somebody releases or discards it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from prometheus_client import Counter

from capture.domain import arrival
from capture.domain.forms import Reason
from capture.domain.identity import Keyring
from capture.domain.intake import Captured
from capture.domain.submission import Submission
from capture.handlers.errors import QuarantineUnknown
from capture.handlers.intake import Answer, Incoming, capture
from capture.playbook import CapturePlaybook
from capture.store import quarantine as store
from events.ids import derive
from events.runtime import DomainError, Due, Transaction

QUARANTINED = Counter(
    "baton_quarantined_total", "Submissions held because no person seems to have sent them.", ["reason"]
)

ENDS = "quarantine_ends"
Verb = Literal["release", "discard"]


async def hold(  # noqa: PLR0917 - one row, field by field
    form: str, told: Mapping[str, Any], reason: Reason, copy: str, keyring: Keyring, tx: Transaction
) -> Captured:
    """Put a submission aside; gives an answer that looks like any other. `copy` is the number of the form's copy."""
    arrived = arrival.arrive(Submission.model_validate(told), keyring, tx.playbook(CapturePlaybook), tx.now)
    quarantine_id = derive("quarantine", form, copy, arrived.repeat_key or tx.now)
    await store.hold(
        tx,
        {
            "quarantine_id": quarantine_id,
            "received_at": tx.now,
            "reason": reason,
            "form": form,
            "names": list(arrived.keys),
            "submission": dict(told),
        },
    )
    QUARANTINED.labels(reason).inc()
    stranger = derive("stranger", quarantine_id)
    days = timedelta(days=tx.playbook(CapturePlaybook).quarantine_days)
    tx.schedule(ENDS, quarantine_id, stranger, tx.now + days)
    return Captured(stranger, quarantine_id, "accepted")


async def end_quarantine(batch: Sequence[Due], tx: Transaction) -> None:
    """Discard what nobody looked at in time."""
    await store.end(tx, [due.key for due in batch])


async def show_quarantine(
    state: str, limit: int, after: tuple[datetime, UUID] | None, tx: Transaction
) -> list[dict[str, Any]]:
    """Give what is held, or was settled, newest first."""
    return await store.listed(tx, state, limit, after)


async def settle(quarantine_id: UUID, verb: Verb, by: str, keyring: Keyring, tx: Transaction) -> dict[str, Any]:
    """Take a held submission in as if it came when it came, or drop it; a second time changes nothing."""
    row = await store.claim(tx, quarantine_id)
    if row is None:
        raise QuarantineUnknown
    if row["state"] != "held":
        return {"state": row["state"], **(row["answer"] or {})}
    answer: dict[str, Any] = {}
    if verb == "release":
        told = Submission.model_validate({**row["submission"], "occurred_at": row["received_at"].isoformat()})
        (taken,) = await capture(keyring, [Incoming(told)], tx)
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


def _fields(taken: Answer) -> dict[str, Any]:
    return dict(taken.fields())
