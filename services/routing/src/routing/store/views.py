"""What the API lists: fixed orders, pages after a key."""

from datetime import datetime
from uuid import UUID

from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.rows import Row, field, read_rows
from routing.domain import Meeting
from routing.domain.replay import StoredInputs


class QueueLengthLine(Row):
    """How many leads wait in a queue, and since when."""

    team: str
    queue: str
    waiting: int
    oldest_at: datetime


class OpenLeadLine(Row):
    """A lead that waits in a queue or that a rep has."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    state: str
    lead_type: str
    fit: str
    team: str
    queue: str | None
    rep_id: str | None
    placement: int
    handed_over_at: datetime
    placed_at: datetime
    worked: bool


class EscalationLine(Row):
    """What was escalated about a lead, and why."""

    lead_id: UUID
    contact_id: UUID
    state: str
    lead_type: str
    fit: str
    team: str
    queue: str | None
    rep_id: str | None
    number: int
    reason: str
    raised_at: datetime


class DecisionLine(Row):
    """A decision about a lead as people see it, with what was tried."""

    number: int
    kind: str
    decided_at: datetime
    reason: str
    placement: int
    team: str | None
    queue: str | None
    rep_id: str | None
    previous_rep_id: str | None
    by: str | None
    note: str | None
    tried: list[dict[str, str]]
    playbook_version: str


class ReplayableDecisionLine(DecisionLine):
    """The same with what it can be replayed from, where it chose a rep."""

    snapshot_id: UUID | None = field(name="scene_id")
    grounds: StoredInputs | None
    facts: JsonObject | None

    def to_decision_line(self) -> DecisionLine:
        """Return what people see of it."""
        return DecisionLine(*(getattr(self, name) for name in DecisionLine.names()))


_QUEUE_LENGTHS = """
select team, queue, count(*) as waiting, min(handed_over_at) as oldest_at from leads
where state = 'queued' group by team, queue
"""
_OPEN_LEAD = f"select {', '.join(OpenLeadLine.names())} from leads"  # noqa: S608 - names of columns
_WAITING_LEADS = f"""
{_OPEN_LEAD} where state = 'queued' and queue = $1
    and ($4::uuid is null or (fit, handed_over_at, lead_id) > ($2::text, $3::timestamptz, $4))
order by fit, handed_over_at, lead_id limit $5
"""
_OPEN_LEADS = f"""
{_OPEN_LEAD} where state = 'assigned' and rep_id = $1
    and ($3::uuid is null or (placed_at, lead_id) > ($2::timestamptz, $3))
order by placed_at, lead_id limit $4
"""
_MEETINGS = """
select lead_id, rep_id, meeting_at, placed_at, facts->>'company' as company, placement from leads
where state = 'assigned' and meeting_at >= $3 and ($1::text is null or rep_id = $1)
    and ($2::uuid is null or lead_id = $2) order by meeting_at, lead_id limit 1000
"""
_ESCALATIONS = """
select l.lead_id, l.contact_id, l.state, l.lead_type, l.fit, l.team, l.queue, l.rep_id, d.number, d.reason,
    d.decided_at as raised_at from decisions d join leads l using (lead_id)
where d.kind = 'escalated' and l.state in ('queued', 'assigned')
    and ($1::text is null or l.team = $1)
    and ($3::uuid is null or (d.decided_at, d.lead_id, d.number) > ($2::timestamptz, $3, $4::integer))
order by d.decided_at, d.lead_id, d.number limit $5
"""
_DECISIONS = """
select d.number, d.kind, d.decided_at, d.reason, d.placement, d.team, d.queue, d.rep_id, d.previous_rep_id, d.by,
    d.note, d.tried, d.playbook_version, d.scene_id, d.grounds, coalesce(d.facts, l.facts) as facts
from decisions d join leads l using (lead_id) where d.lead_id = $1 and d.number > $2 order by d.number limit $3
"""


async def count_queue_lengths(tx: Transaction) -> list[QueueLengthLine]:
    """Return how many leads wait in each queue, and since when."""
    return await read_rows(tx, QueueLengthLine, _QUEUE_LENGTHS)


async def list_waiting_leads(
    tx: Transaction, queue: str, after: tuple[str, datetime, UUID] | None, limit: int
) -> list[OpenLeadLine]:
    """Return the leads that wait in a queue, in the order in which they are served."""
    return await read_rows(tx, OpenLeadLine, _WAITING_LEADS, queue, *(after or (None, None, None)), limit)


async def list_open_leads(
    tx: Transaction, rep_id: str, after: tuple[datetime, UUID] | None, limit: int
) -> list[OpenLeadLine]:
    """Return the open leads of a rep, the oldest assignment first."""
    return await read_rows(tx, OpenLeadLine, _OPEN_LEADS, rep_id, *(after or (None, None)), limit)


async def list_meetings(tx: Transaction, rep_id: str | None, lead_id: UUID | None, since: datetime) -> list[Meeting]:
    """Return the meetings that leads hold from an instant on, of one rep or of one lead."""
    return [Meeting(*row) for row in await tx.raw.fetch(_MEETINGS, rep_id, lead_id, since)]


async def list_escalations(
    tx: Transaction, team: str | None, after: tuple[datetime, UUID, int] | None, limit: int
) -> list[EscalationLine]:
    """Return what was escalated to managers about leads that sales still has, the oldest first."""
    return await read_rows(tx, EscalationLine, _ESCALATIONS, team, *(after or (None, None, None)), limit)


async def list_decisions(tx: Transaction, lead_id: UUID, after: int, limit: int) -> list[ReplayableDecisionLine]:
    """Return the decisions about a lead, the oldest first."""
    return await read_rows(tx, ReplayableDecisionLine, _DECISIONS, lead_id, after, limit)
