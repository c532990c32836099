"""The candidate that runs in shadow, and what it would have decided."""

from collections.abc import Iterable
from uuid import UUID

from events.runtime import Transaction
from scoring.domain import Lead

_STANDING = """
select contact_id, null::uuid as shadow_id from erasures where contact_id = any($1)
union all
select null, shadow_id from shadows where stopped_at is null
"""
_TEXT = "select version, body from shadows where shadow_id = $1"
_STOP = "update shadows set stopped_at = $1, stopped_by = $2 where stopped_at is null"
_KEEP = """
insert into shadow_leads (shadow_id, lead_id, contact_id, cycle, lead_type, outcome, fit, opened_at, decided_at)
select $1, l.*, $9 from unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
    as l (lead_id, contact_id, cycle, lead_type, outcome, fit, opened_at)
order by lead_id
on conflict (shadow_id, lead_id) do update
    set lead_type = excluded.lead_type, outcome = excluded.outcome, fit = excluded.fit, opened_at = excluded.opened_at
"""


async def load_standing(tx: Transaction, contact_ids: Iterable[UUID]) -> tuple[set[UUID], UUID | None]:
    """Load in one statement which of these contacts were erased, and which candidate runs in shadow (None: none)."""
    rows = await tx.raw.fetch(_STANDING, list(contact_ids))
    erased = {row["contact_id"] for row in rows if row["contact_id"] is not None}
    return erased, next((row["shadow_id"] for row in rows if row["shadow_id"] is not None), None)


async def load_shadow(tx: Transaction, shadow_id: UUID) -> tuple[str, str]:
    """Load a candidate's version and text."""
    (row,) = await tx.raw.fetch(_TEXT, shadow_id)
    return row["version"], row["body"]


async def stop_shadow(tx: Transaction, by: str) -> None:
    """Stop the candidate; what it decided stays."""
    await tx.raw.execute(_STOP, tx.now, by)


async def save_shadow_leads(tx: Transaction, shadow_id: UUID, leads: Iterable[Lead]) -> None:
    """Save what the candidate would have published; the instant of its first decision stays."""
    rows = {lead.lead_id: lead for lead in leads}.values()
    if not rows:
        return
    await tx.raw.execute(
        _KEEP,
        shadow_id,
        [lead.lead_id for lead in rows],
        [lead.contact_id for lead in rows],
        [lead.cycle for lead in rows],
        [lead.lead_type for lead in rows],
        [lead.outcome for lead in rows],
        [lead.fit for lead in rows],
        [lead.opened_at for lead in rows],
        tx.now,
    )
