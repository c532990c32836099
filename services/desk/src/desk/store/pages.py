"""What the pages show of leads and people; each query keeps to the leads that its reader may see."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from desk import domain
from desk.domain import OPEN, Viewer
from desk.models import Remark
from events.runtime import Transaction

REACH = "($1::text is null or l.owner_id = $1) and ($2::text is null or l.team = $2)"
"""Of which leads a reader sees anything: `$1` and `$2` are `Viewer.reach`."""
_LEAD = """
select l.*, l.facts::text as facts_text, p.name, p.email, p.phone, p.company, p.job_title, p.country, p.message,
    p.suppressed, c.name as campaign_name, c.brief
from leads l left join people p using (contact_id) left join campaigns c on c.campaign = l.campaign
"""
_IS_OPEN = f"l.state in {OPEN}"


async def owners_of(tx: Transaction, contact_ids: Collection[UUID]) -> set[str]:
    """Return the reps and teams who have leads of these contacts."""
    rows = await tx.raw.fetch(
        "select owner_id, team from leads where contact_id = any($1) group by owner_id, team", list(contact_ids)
    )
    return {name for row in rows for name in row if name}


async def my_leads(tx: Transaction, viewer: Viewer, at_most: int = 200) -> list[dict[str, Any]]:
    """Return the open leads that a rep has, by what is due next."""
    rows = await tx.raw.fetch(
        f"{_LEAD} where {REACH} and {_IS_OPEN} and l.rep_id is not null"
        " order by l.due_at nulls last, l.placed_at desc, l.lead_id limit $3",
        *viewer.reach, at_most,
    )  # fmt: skip
    return [_lead(row) for row in rows]


async def lead(tx: Transaction, viewer: Viewer, lead_id: UUID) -> dict[str, Any] | None:
    """Return a lead with its person; None where there is none that the reader may see."""
    rows = await tx.raw.fetch(f"{_LEAD} where {REACH} and l.lead_id = $3", *viewer.reach, lead_id)
    return _lead(rows[0]) if rows else None


async def leads_of(tx: Transaction, viewer: Viewer, contact_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Return the leads of a person that the reader may see, the latest first."""
    rows = await tx.raw.fetch(
        f"{_LEAD} where {REACH} and l.contact_id = any($3) order by l.qualified_at desc nulls last, l.cycle desc",
        *viewer.reach, list(contact_ids),
    )  # fmt: skip
    return [_lead(row) for row in rows]


async def colleagues(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return who these people of an account are; who was erased is missing."""
    rows = await tx.raw.fetch(
        "select contact_id, name, job_title, email, phone, suppressed from people where contact_id = any($1)",
        list(contact_ids),
    )
    return {row["contact_id"]: dict(row) for row in rows}


async def story(tx: Transaction, contact_ids: Collection[UUID], at_most: int = 300) -> list[dict[str, Any]]:
    """Return what happened to a person, the latest first."""
    rows = await tx.raw.fetch(
        "select entry_id, lead_id, kind, at, body::text as body from entries where contact_id = any($1)"
        " order by at desc, kind desc, entry_id limit $2",
        list(contact_ids), at_most,
    )  # fmt: skip
    return [{**row, "body": orjson.loads(row["body"])} for row in rows]


async def count_entries(tx: Transaction, lead_id: UUID, kinds: Collection[str]) -> int:
    """Count the lines of a lead's story that are of these kinds."""
    rows = await tx.raw.fetch(
        "select count(*) as entries from entries e join leads l using (contact_id)"
        " where l.lead_id = $1 and e.lead_id = $1 and e.kind = any($2)",
        lead_id, list(kinds),
    )  # fmt: skip
    return int(rows[0]["entries"])


async def remarks(tx: Transaction, lead_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Return what was written about leads here, the earliest first."""
    rows = await tx.raw.fetch(
        "select remark_id, lead_id, kind, by, at, body::text as body from remarks where lead_id = any($1)"
        " order by at, remark_id",
        list(lead_ids),
    )
    return [{**row, "body": orjson.loads(row["body"])} for row in rows]


async def answers(tx: Transaction, viewer: Viewer, since: datetime) -> list[dict[str, Any]]:
    """Return what marketing answered about the reader's leads since an instant, the latest first."""
    rows = await tx.raw.fetch(
        "select r.remark_id, r.lead_id, r.by, r.at, r.body::text as body, l.contact_id, l.reason, p.name, p.company"
        " from remarks r join leads l using (lead_id) left join people p on p.contact_id = l.contact_id"
        f" where {REACH} and r.kind = 'answer' and r.at >= $3 order by r.at desc limit 20",
        *viewer.reach, since,
    )  # fmt: skip
    return [{**row, "body": orjson.loads(row["body"])} for row in rows]


async def save_remark(tx: Transaction, row: dict[str, Any]) -> None:
    """Save what somebody wrote about a lead; the same remark again changes nothing."""
    await tx.insert(Remark, [row])


async def due(tx: Transaction, viewer: Viewer, until: datetime, at_most: int = 100) -> list[dict[str, Any]]:
    """Return open leads whose promise is due before an instant or missed, by the deadline."""
    rows = await tx.raw.fetch(
        f"{_LEAD} where {REACH} and {_IS_OPEN} and l.due_at < $3 order by l.due_at, l.lead_id limit $4",
        *viewer.reach, until, at_most,
    )  # fmt: skip
    return [_lead(row) for row in rows]


async def waiting(tx: Transaction, viewer: Viewer, at_most: int = 100) -> list[dict[str, Any]]:
    """Return the leads that wait in line for a rep, the longest waiting first."""
    rows = await tx.raw.fetch(
        f"{_LEAD} where {REACH} and {_IS_OPEN} and l.queue is not null order by l.placed_at, l.lead_id limit $3",
        *viewer.reach, at_most,
    )  # fmt: skip
    return [_lead(row) for row in rows]


async def loads(tx: Transaction, viewer: Viewer, now: datetime) -> dict[str, dict[str, Any]]:
    """Return how many open leads each rep has, how many are late, and when the rep last reached out."""
    rows = await tx.raw.fetch(
        "select l.rep_id, count(*) as open, count(*) filter (where l.due_at < $3) as late,"
        f" max(l.touched_at) as touched_at from leads l where {REACH} and {_IS_OPEN} and l.rep_id is not null"
        " group by l.rep_id",
        *viewer.reach, now,
    )  # fmt: skip
    return {row["rep_id"]: dict(row) for row in rows}


async def returned(
    tx: Transaction, viewer: Viewer, reason: str | None, now: datetime, at_most: int = 60
) -> list[dict[str, Any]]:
    """Return the leads that came back within 90 days, those without an answer first."""
    rows = await tx.raw.fetch(
        f"{_LEAD} where {REACH} and l.state in ('recycled', 'disqualified') and l.ended_at >= $3"
        " and ($4::text is null or l.reason = $4)"
        " order by exists (select from remarks r where r.lead_id = l.lead_id and r.kind = 'answer'), l.ended_at desc,"
        " l.lead_id limit $5",
        *viewer.reach, now - timedelta(days=90), reason, at_most,
    )  # fmt: skip
    return [_lead(row) for row in rows]


async def reasons(tx: Transaction, viewer: Viewer, now: datetime) -> list[dict[str, Any]]:
    """Count why leads came back within 90 days, the commonest reason first."""
    rows = await tx.raw.fetch(
        "select coalesce(l.reason, 'none given') as reason, count(*) as leads from leads l"
        f" where {REACH} and l.state in ('recycled', 'disqualified') and l.ended_at >= $3"
        " group by 1 order by 2 desc, 1",
        *viewer.reach, now - timedelta(days=90),
    )  # fmt: skip
    return [dict(row) for row in rows]


def _lead(row: Any) -> dict[str, Any]:
    found = dict(row)
    found |= domain.parts_of(orjson.loads(found.pop("facts_text")))
    for name in ("company", "job_title", "country"):
        found[name] = found[name] or found["raised"].get(name)
    found["open"] = found["state"] in OPEN
    return found
