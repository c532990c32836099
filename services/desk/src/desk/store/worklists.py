"""What a leader looks at today: how many leads are late, due soon and in line, who has how many; and which they are."""

from datetime import datetime, timedelta
from typing import Literal

from desk.domain import Viewer
from desk.store.pages import IS_OPEN, LeadLine, PageLead, build_lead_query, build_visibility_condition, make_page_lead
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


class WorkCounts(Row):
    """How many open leads are late, due soon, in line, and with reps."""

    late: int
    soon: int
    waiting: int
    open: int


class RepWorkload(Row):
    """How many open leads a rep has, how many are late, and when the rep last reached out."""

    rep_id: str
    open: int
    late: int
    touched_at: datetime | None


async def count_open_leads(tx: Transaction, viewer: Viewer) -> WorkCounts:
    """Count the open leads that the reader may see."""
    numbers = ", ".join(f"count(*) filter (where {condition}) as {name}" for name, condition in _WORK.items())
    sql = f"select {numbers} from leads l where {build_visibility_condition(viewer)} and {IS_OPEN}"
    return (await read_rows(tx, WorkCounts, sql, *viewer.reach, tx.now, SOON))[0]


async def load_open_leads(  # noqa: PLR0917 - a filter, field by field
    tx: Transaction, viewer: Viewer, what: Work, rep_id: str | None, skip: int, at_most: int
) -> list[PageLead]:
    """Return open leads, the next to fall due first and those in line by how long they wait, after so many."""
    order = "l.placed_at" if what == "waiting" else "l.due_at nulls last"
    same = "$5::text is null" if rep_id is None else "l.rep_id = $5"
    lines = await read_rows(
        tx, LeadLine,
        build_lead_query(
            f"{build_visibility_condition(viewer)} and {IS_OPEN} and {_WORK[what]} and {same}"
            " and $3::timestamptz is not null and $4::interval is not null",
            f"{order}, l.lead_id",
            f"limit {at_most} offset $6",
        ),
        *viewer.reach, tx.now, SOON, rep_id, skip,
    )  # fmt: skip
    return list(map(make_page_lead, lines))


async def load_rep_workloads(tx: Transaction, viewer: Viewer) -> dict[str, RepWorkload]:
    """Return how many open leads each rep has, how many are late, and when the rep last reached out."""
    rows = await read_rows(
        tx, RepWorkload,
        f"select l.rep_id, count(*) as open, count(*) filter (where {_WORK['late']}) as late,"
        f" max(l.touched_at) as touched_at from leads l"
        f" where {build_visibility_condition(viewer)} and {IS_OPEN} and {_WORK['open']}"
        " group by l.rep_id",
        *viewer.reach, tx.now,
    )  # fmt: skip
    return {row.rep_id: row for row in rows}
