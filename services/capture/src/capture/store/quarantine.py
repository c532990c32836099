"""SQL of the quarantine: add, list, settle once, and erase with the person."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from capture.models import Quarantined
from events.runtime import Transaction
from events.runtime.bulk import table_of

quarantined = table_of(Quarantined)


async def put(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Put a submission aside; the same one again is there already."""
    await tx.insert(Quarantined, [{**row, "state": "held", "settled_at": None, "settled_by": None, "answer": None}])


async def list_submissions(
    tx: Transaction, state: str, limit: int, after: tuple[datetime, UUID] | None
) -> list[dict[str, Any]]:
    """List what is in a state, newest first, from behind the position `after` on."""
    position = sa.tuple_(quarantined.c.received_at, quarantined.c.quarantine_id)
    shown = [column for column in quarantined.c if column.name != "names"]
    statement = sa.select(*shown).where(quarantined.c.state == state)
    if after is not None:
        statement = statement.where(position < sa.tuple_(*map(sa.literal, after)))
    return await tx.fetch(statement.order_by(position.desc()).limit(limit))


async def claim(tx: Transaction, quarantine_id: UUID) -> dict[str, Any] | None:
    """Return and lock a quarantined submission, None where there is none."""
    rows = await tx.fetch(sa.select(quarantined).where(quarantined.c.quarantine_id == quarantine_id).with_for_update())
    return rows[0] if rows else None


async def settle(tx: Transaction, quarantine_id: UUID, verdict: Mapping[str, Any]) -> None:
    """Write down what became of it; what was submitted lives on among the contacts, or not at all."""
    await tx.execute(
        sa.update(quarantined)
        .where(quarantined.c.quarantine_id == quarantine_id)
        .values(**verdict, submission=sa.null())
    )


async def end(tx: Transaction, quarantine_ids: Iterable[UUID]) -> None:
    """Discard those that are still in quarantine."""
    await tx.execute(
        sa.update(quarantined)
        .where(quarantined.c.quarantine_id.in_(list(quarantine_ids)), quarantined.c.state == "held")
        .values(state="discarded", settled_at=tx.now, settled_by="quarantine_days", submission=sa.null())
    )


async def add(tx: Transaction, quarantine_id: UUID, record_next_step: Mapping[str, Any]) -> bool:
    """Add a choice to a quarantined submission; returns False where there is none."""
    rows = await tx.execute(
        sa.update(quarantined)
        .where(quarantined.c.quarantine_id == quarantine_id, quarantined.c.state == "held")
        .values(submission=quarantined.c.submission.op("||")(sa.literal(dict(record_next_step), JSONB)))
    )
    return bool(rows)


async def of_people(tx: Transaction, names: Iterable[UUID]) -> list[dict[str, Any]]:
    """Return the quarantined submissions of people with these keys."""
    any_of = sa.literal(list(names), ARRAY(sa.Uuid))
    wanted = sa.select(*(column for column in quarantined.columns if column.name != "names"))
    return await tx.fetch(wanted.where(quarantined.c.names.op("&&")(any_of)))


async def forget(tx: Transaction, names: Iterable[UUID]) -> int:
    """Delete the quarantined submissions of people with these keys; returns the rows deleted."""
    any_of = sa.literal(list(names), ARRAY(sa.Uuid))
    return await tx.execute(sa.delete(quarantined).where(quarantined.c.names.op("&&")(any_of)))


async def count(tx: Transaction) -> dict[str, int]:
    """Count the quarantined submissions by their reasons."""
    rows = await tx.fetch(
        sa.select(quarantined.c.reason, sa.func.count().label("held"))
        .where(quarantined.c.state == "held")
        .group_by(quarantined.c.reason)
    )
    return {row["reason"]: row["held"] for row in rows}
