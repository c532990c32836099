"""SQL of the quarantine: add, list, settle once, and erase with the person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from capture.domain.submission import Values
from capture.models import QuarantinedSubmissions
from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import Row, read_row, read_rows

quarantined = get_table(QuarantinedSubmissions)


class QuarantinedRow(Row):
    """A submission in quarantine, or what became of it; `submission` is as it was sent, None once it is settled."""

    quarantine_id: UUID
    received_at: datetime
    reason: str
    form: str
    submission: Values | None
    state: str = "held"
    settled_at: datetime | None = None
    settled_by: str | None = None
    answer: dict[str, str] | None = None
    """What a release answered."""


_SHOWN = sa.select(*QuarantinedRow.columns(quarantined))


async def save_submission(tx: Transaction, row: QuarantinedRow, names: Sequence[UUID]) -> None:
    """Put a submission aside with the keyed names of its person; the same one again is there already."""
    await tx.insert(QuarantinedSubmissions, [{**row.as_dict(), "names": names}])


async def list_submissions(
    tx: Transaction, state: str, limit: int, after: tuple[datetime, UUID] | None
) -> list[QuarantinedRow]:
    """List what is in a state, newest first, from behind the position `after` on."""
    position = sa.tuple_(quarantined.c.received_at, quarantined.c.quarantine_id)
    statement = _SHOWN.where(quarantined.c.state == state)
    if after is not None:
        statement = statement.where(position < sa.tuple_(*map(sa.literal, after)))
    return await read_rows(tx, QuarantinedRow, statement.order_by(position.desc()).limit(limit))


async def lock_submission(tx: Transaction, quarantine_id: UUID) -> QuarantinedRow | None:
    """Return and lock a quarantined submission, None where there is none."""
    wanted = _SHOWN.where(quarantined.c.quarantine_id == quarantine_id)
    return await read_row(tx, QuarantinedRow, wanted.with_for_update())


async def close_submission(
    tx: Transaction, quarantine_id: UUID, state: str, by: str, answer: Mapping[str, str]
) -> None:
    """Write down what became of it; what was submitted lives on among the contacts, or not at all."""
    await tx.execute(
        sa.update(quarantined)
        .where(quarantined.c.quarantine_id == quarantine_id)
        .values(state=state, settled_at=tx.now, settled_by=by, answer=dict(answer) or None, submission=sa.null())
    )


async def discard_submissions(tx: Transaction, quarantine_ids: Iterable[UUID]) -> None:
    """Discard those that are still in quarantine."""
    await tx.execute(
        sa.update(quarantined)
        .where(quarantined.c.quarantine_id.in_(list(quarantine_ids)), quarantined.c.state == "held")
        .values(state="discarded", settled_at=tx.now, settled_by="quarantine_days", submission=sa.null())
    )


async def add_next_step(tx: Transaction, quarantine_id: UUID, record_next_step: Values) -> bool:
    """Put a choice into a quarantined submission, in place of one before; returns False where there is none."""
    without = quarantined.c.submission.op("-", return_type=JSONB)(
        sa.literal(["preference", "preferred_at"], ARRAY(sa.Text))
    )
    rows = await tx.execute(
        sa.update(quarantined)
        .where(quarantined.c.quarantine_id == quarantine_id, quarantined.c.state == "held")
        .values(submission=without.op("||")(sa.literal(record_next_step, JSONB)))
    )
    return bool(rows)


async def load_submissions_of(tx: Transaction, names: Iterable[UUID]) -> list[QuarantinedRow]:
    """Return the quarantined submissions of people with these keys."""
    any_of = sa.literal(list(names), ARRAY(sa.Uuid))
    return await read_rows(tx, QuarantinedRow, _SHOWN.where(quarantined.c.names.op("&&")(any_of)))


async def delete_submissions_of(tx: Transaction, names: Iterable[UUID]) -> int:
    """Delete the quarantined submissions of people with these keys; returns the rows deleted."""
    any_of = sa.literal(list(names), ARRAY(sa.Uuid))
    return await tx.execute(sa.delete(quarantined).where(quarantined.c.names.op("&&")(any_of)))
