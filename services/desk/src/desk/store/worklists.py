"""What a leader looks at today: how many leads are late, due soon and in line, who has how many; and which they are."""

from datetime import datetime, timedelta
from typing import Literal

from desk.domain import Viewer
from desk.store.pages import IS_OPEN, LEAD, REACH, LeadLine, PageLead, page_lead
from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

SOON = timedelta(hours=2)
Work = Literal["late", "soon", "waiting", "open"]
_WORK: dict[Work, str] = {
    "late": "l.due_at <= $3",
    "soon": "l.due_at > $3 and l.due_at < $3 + $4::interval",
    "waiting": "l.queue is not null",
    "open": "l.rep_id is not null",
}
"""What an open lead counts as at `$3`, each a condition; `$4` is how long is soon."""


class Counts(Row):
    """How many open leads are late, due soon, in line, and with reps."""

    late: int
    soon: int
    waiting: int
    open: int


class Load(Row):
    """How many open leads a rep has, how many are late, and when the rep last reached out."""

    rep_id: str
    open: int
    late: int
    touched_at: datetime | None


async def counts(tx: Transaction, viewer: Viewer) -> Counts:
    """Count the open leads that the reader may see."""
    numbers = ", ".join(f"count(*) filter (where {condition}) as {name}" for name, condition in _WORK.items())
    sql = f"select {numbers} from leads l where {REACH} and {IS_OPEN}"
    return (await read_rows(tx, Counts, sql, *viewer.reach, tx.now, SOON))[0]


async def work(  # noqa: PLR0917 - a filter, field by field
    tx: Transaction, viewer: Viewer, what: Work, rep_id: str | None, skip: int, at_most: int
) -> list[PageLead]:
    """Return open leads, the next to fall due first and those in line by how long they wait, after so many."""
    order = "l.placed_at" if what == "waiting" else "l.due_at nulls last"
    lines = await read_rows(
        tx, LeadLine,
        f"{LEAD} where {REACH} and {IS_OPEN} and {_WORK[what]} and ($5::text is null or l.rep_id = $5)"
        f" and $3::timestamptz is not null and $4::interval is not null order by {order}, l.lead_id limit $6 offset $7",
        *viewer.reach, tx.now, SOON, rep_id, at_most, skip,
    )  # fmt: skip
    return list(map(page_lead, lines))


async def loads(tx: Transaction, viewer: Viewer) -> dict[str, Load]:
    """Return how many open leads each rep has, how many are late, and when the rep last reached out."""
    rows = await read_rows(
        tx, Load,
        f"select l.rep_id, count(*) as open, count(*) filter (where {_WORK['late']}) as late,"
        f" max(l.touched_at) as touched_at from leads l where {REACH} and {IS_OPEN} and {_WORK['open']}"
        " group by l.rep_id",
        *viewer.reach, tx.now,
    )  # fmt: skip
    return {row.rep_id: row for row in rows}
