"""The touches in which contacts raised a topic, from the history."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

_TOUCHES = """
select h.entry_id as action_id, h.lead_id, h.contact_id, h.at, h.by, h.details ->> 'kind' as kind,
       h.details ->> 'outcome' as outcome, l.rep_id, l.team
from history h join leads l on l.lead_id = h.lead_id
where h.kind = 'lead.touched' and h.details -> 'topics' <> '[]' and h.details -> 'topics' ? $1
  and h.at >= $2 and h.at < $3 and ($4::text is null or h.details ->> 'outcome' = $4)
  and ($5::text is null or l.rep_id = $5) and ($6::text is null or l.team = $6)
  and ($7::timestamptz is null or (h.at, h.entry_id) < ($7, $8::uuid))
order by h.at desc, h.entry_id desc limit $9
"""


class TopicTouch(Row):
    """A touch in which a contact raised a topic, and who has the lead now."""

    action_id: UUID
    lead_id: UUID
    contact_id: UUID
    at: datetime
    by: str | None
    kind: str
    outcome: str
    rep_id: str | None
    team: str | None


class TouchFilters(Row):
    """Which touches: of a topic, from one day to another (UTC); None lets everything through."""

    topic: str
    first: date
    last: date
    outcome: str | None = None
    rep_id: str | None = None
    team: str | None = None


async def list_touches_page(
    tx: Transaction, asked: TouchFilters, after: tuple[datetime, UUID] | None, limit: int
) -> list[TopicTouch]:
    """Return one page of the touches in which a topic was raised, the newest first."""
    since, until = (datetime.combine(day, time(), UTC) for day in (asked.first, asked.last + timedelta(days=1)))
    at, action_id = after or (None, None)
    return await read_rows(
        tx, TopicTouch, _TOUCHES, asked.topic, since, until, asked.outcome, asked.rep_id, asked.team, at, action_id,
        limit,
    )  # fmt: skip
