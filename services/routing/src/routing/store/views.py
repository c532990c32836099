"""What the API lists: fixed orders, pages after a key."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from events.runtime import Transaction

_SEATS = text("select * from seats")
_QUEUE_LENGTHS = text(
    "select team, queue, count(*) as waiting, min(handed_over_at) as oldest_at from leads"
    " where state = 'queued' group by team, queue"
)
_SHOWN = (
    "lead_id, contact_id, cycle, state, lead_type, fit, team, queue, rep_id, placement, handed_over_at, placed_at,"
    " worked"
)
_WAITING_LEADS = text(
    f"select {_SHOWN} from leads where state = 'queued' and queue = :queue"  # noqa: S608 - a constant
    " and (cast(:lead as uuid) is null or (fit, handed_over_at, lead_id) >"
    " (cast(:fit as text), cast(:at as timestamptz), cast(:lead as uuid)))"
    " order by fit, handed_over_at, lead_id limit :limit"
)
_OPEN_LEADS = text(
    f"select {_SHOWN} from leads where state = 'assigned' and rep_id = :rep"  # noqa: S608 - a constant
    " and (cast(:lead as uuid) is null or (placed_at, lead_id) > (cast(:at as timestamptz), cast(:lead as uuid)))"
    " order by placed_at, lead_id limit :limit"
)
_DECISIONS = text(
    "select d.number, d.kind, d.decided_at, d.reason, d.placement, d.team, d.queue, d.rep_id, d.previous_rep_id, d.by,"
    " d.note, d.tried, d.playbook_version,"
    " d.scene_id, d.grounds, coalesce(d.facts, l.facts) as facts"
    " from decisions d join leads l using (lead_id)"
    " where d.lead_id = :lead and d.number > :after order by d.number limit :limit"
)


async def seat_rows(tx: Transaction) -> dict[str, dict[str, Any]]:
    """Return each seat's row, by rep."""
    return {row["rep_id"]: row for row in await tx.fetch(_SEATS)}


async def queue_lengths(tx: Transaction) -> list[dict[str, Any]]:
    """Return how many leads wait in each queue, and since when."""
    return await tx.fetch(_QUEUE_LENGTHS)


async def waiting_leads(tx: Transaction, queue: str, after: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """Return the leads that wait in a queue, in the order in which they are served."""
    return await tx.fetch(
        _WAITING_LEADS, {"queue": queue, "fit": None, "at": None, "lead": None, **after, "limit": limit}
    )


async def open_leads(tx: Transaction, rep_id: str, after: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """Return the open leads of a rep, the oldest assignment first."""
    return await tx.fetch(_OPEN_LEADS, {"rep": rep_id, "at": None, "lead": None, **after, "limit": limit})


_MEETINGS = text(
    "select lead_id, rep_id, meeting_at, placed_at, placement, facts->>'company' as company from leads"
    " where state = 'assigned' and meeting_at >= :since and (cast(:rep as text) is null or rep_id = :rep)"
    " and (cast(:lead as uuid) is null or lead_id = :lead) order by meeting_at, lead_id limit 1000"
)


async def meetings(tx: Transaction, rep_id: str | None, lead_id: UUID | None, since: datetime) -> list[dict[str, Any]]:
    """Return the meetings that leads hold from an instant on, of one rep or of one lead."""
    return await tx.fetch(_MEETINGS, {"rep": rep_id, "lead": lead_id, "since": since})


_RAISED = text(
    "select l.lead_id, l.contact_id, l.state, l.lead_type, l.fit, l.team, l.queue, l.rep_id, d.number, d.reason,"
    " d.decided_at as raised_at from decisions d join leads l using (lead_id)"
    " where d.kind = 'escalated' and l.state in ('queued', 'assigned')"
    " and (cast(:team as text) is null or l.team = :team)"
    " and (cast(:lead as uuid) is null"
    " or (d.decided_at, d.lead_id, d.number) > (cast(:at as timestamptz), cast(:lead as uuid), cast(:nth as integer)))"
    " order by d.decided_at, d.lead_id, d.number limit :limit"
)


async def raised(tx: Transaction, team: str | None, after: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """Return what was escalated to managers about leads that sales still has, the oldest first."""
    return await tx.fetch(_RAISED, {"team": team, "at": None, "lead": None, "nth": None, **after, "limit": limit})


async def decisions(tx: Transaction, lead_id: UUID, after: int, limit: int) -> list[dict[str, Any]]:
    """Return the decisions about a lead, the oldest first."""
    return await tx.fetch(_DECISIONS, {"lead": lead_id, "after": after, "limit": limit})
