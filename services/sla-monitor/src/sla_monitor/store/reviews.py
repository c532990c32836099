"""Marketing's reviews: the open ones, and the comments on their leads."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from events.runtime.security import LeadReach
from sla_monitor.domain import Facts
from sla_monitor.models import CommentRow
from sla_monitor.store.leads import load_leads

_OPEN = """
select clock_id, lead_id, contact_id, cycle, lead_type, policy, rep_id, team, started_at, warned_at as opened_at, due_at
from clocks
where clock = 'review' and state = 'warned'
    and ($1::text is null or team = $1) and ($2::text is null or rep_id = $2) and ($3::uuid is null or lead_id = $3)
    and ($4::timestamptz is null or (warned_at, clock_id) > ($4, $5::uuid))
    and ($7::text is null or exists (select from leads l where l.lead_id = clocks.lead_id and l.rep_id = $7))
    and ($8::text is null or exists (select from leads l where l.lead_id = clocks.lead_id and l.team = $8))
order by warned_at, clock_id limit $6
"""
_COMMENTS = "select lead_id, at, by, comment from comments where lead_id = any($1) order by at, comment_id"
_LEAD = "select contact_id, rep_id, team from leads where lead_id = $1"


class OpenReview(Row):
    """A review that marketing has not decided on."""

    clock_id: UUID
    lead_id: UUID
    contact_id: UUID
    cycle: int
    lead_type: str
    policy: str
    rep_id: str | None
    team: str | None
    started_at: datetime
    opened_at: datetime
    due_at: datetime


class CommentLine(Row):
    """A comment on a lead."""

    lead_id: UUID
    at: datetime
    by: str
    comment: str


class NewComment(Row):
    """What somebody wrote on a lead, as it is stored."""

    comment_id: UUID
    lead_id: UUID
    contact_id: UUID
    at: datetime
    by: str
    comment: str


async def list_open_reviews(
    tx: Transaction,
    given: Mapping[str, str | UUID | None],
    *,
    after: tuple[datetime | None, UUID] | None,
    limit: int,
    reach: LeadReach | None = None,
) -> list[OpenReview]:
    """Return open reviews of leads in reach, the first to have opened first, after a position."""
    at, clock_id = after or (None, None)
    wanted = (given.get("team"), given.get("rep_id"), given.get("lead_id"))
    whose = (reach.rep_id, reach.team) if reach else (None, None)
    return await read_rows(tx, OpenReview, _OPEN, *wanted, at, clock_id, limit, *whose)


async def load_facts(tx: Transaction, lead_ids: Collection[UUID]) -> dict[UUID, Facts]:
    """Return the facts of leads."""
    leads, _ = await load_leads(tx, lead_ids)
    return {lead_id: lead.facts for lead_id, lead in leads.items()}


async def load_comments(tx: Transaction, lead_ids: Collection[UUID]) -> dict[UUID, list[CommentLine]]:
    """Return the comments on leads, in order."""
    found: dict[UUID, list[CommentLine]] = {lead_id: [] for lead_id in lead_ids}
    for row in await read_rows(tx, CommentLine, _COMMENTS, list(lead_ids)):
        found[row.lead_id].append(row)
    return found


async def load_contact_of_lead(tx: Transaction, lead_id: UUID) -> UUID | None:
    """Return the contact of a lead; None: no such lead."""
    rows = await tx.raw.fetch(_LEAD, lead_id)
    return rows[0]["contact_id"] if rows else None


async def load_owner_of_lead(tx: Transaction, lead_id: UUID) -> tuple[str | None, str | None]:
    """Return the rep and the team that have a lead now; None is nobody."""
    rows = await tx.raw.fetch(_LEAD, lead_id)
    return (rows[0]["rep_id"], rows[0]["team"]) if rows else (None, None)


async def save_comment(tx: Transaction, comment: NewComment) -> None:
    """Save a comment; the same again changes nothing."""
    await tx.insert(CommentRow, [comment])
