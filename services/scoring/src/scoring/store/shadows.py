"""The candidate that runs in shadow, and what it would have decided."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from events.runtime import Transaction
from events.runtime.playbooks import PlaybookText
from events.runtime.rows import Row, read_row
from scoring.domain import ComparedLead, Lead

_STANDING = """
select contact_id, null::uuid as shadow_id from erasures where contact_id = any($1)
union all
select null, shadow_id from shadows where stopped_at is null
"""
_TEXT = "select version, body from shadows where shadow_id = $1"
_STOP = "update shadows set stopped_at = $1, stopped_by = $2 where stopped_at is null returning version"
_DEFINITIONS = "select definitions from playbooks order by nth desc limit 1"
_START = "insert into shadows (shadow_id, version, body, started_at, started_by) values ($1, $2, $3, $4, $5)"
_LOCK = "select pg_advisory_xact_lock(hashtext('shadows'))"
_LAST = """
select shadow_id, version, started_at, started_by, stopped_at, stopped_by from shadows
order by started_at desc, stopped_at desc nulls first limit 1
"""
_COMPARED = """
select coalesce(f.contact_id, s.contact_id) as contact_id, f.told_type as in_force, s.lead_type as candidate,
    f.fit as fit_in_force, s.fit as fit_candidate, least(f.opened_at, s.opened_at) as opened_at,
    exists (
        select from turns t where t.kind = 'won' and t.contact_id = coalesce(f.contact_id, s.contact_id)
    ) as won
from (select distinct on (contact_id) * from leads where opened_at >= $2 order by contact_id, cycle) f
full join (
    select distinct on (contact_id) * from shadow_leads where shadow_id = $1 and opened_at >= $2
    order by contact_id, cycle
) s using (contact_id)
order by opened_at, 1
"""
_KEEP = """
insert into shadow_leads (shadow_id, lead_id, contact_id, cycle, lead_type, outcome, fit, opened_at, decided_at)
select $1, l.*, $9 from unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
    as l (lead_id, contact_id, cycle, lead_type, outcome, fit, opened_at)
order by lead_id
on conflict (shadow_id, lead_id) do update
    set lead_type = excluded.lead_type, outcome = excluded.outcome, fit = excluded.fit, opened_at = excluded.opened_at
"""


class LastShadowRun(Row):
    """The candidate that was started last; one that still runs was stopped by nobody."""

    shadow_id: UUID
    version: str
    started_at: datetime
    started_by: str
    stopped_at: datetime | None
    stopped_by: str | None


async def load_erased_and_shadow(tx: Transaction, contact_ids: Iterable[UUID]) -> tuple[set[UUID], UUID | None]:
    """Load in one statement which of these contacts were erased, and which candidate runs in shadow (None: none)."""
    rows = await tx.raw.fetch(_STANDING, list(contact_ids))
    erased = {row["contact_id"] for row in rows if row["contact_id"] is not None}
    return erased, next((row["shadow_id"] for row in rows if row["shadow_id"] is not None), None)


async def load_candidate_rules(tx: Transaction, shadow_id: UUID) -> tuple[str, str]:
    """Load a candidate's version and text."""
    (row,) = await tx.raw.fetch(_TEXT, shadow_id)
    return row["version"], row["body"]


async def start_shadow(tx: Transaction, body: str, by: str) -> str:
    """Let a scoring playbook decide beside the one in force, in the place of one that did; return its version."""
    await tx.raw.execute(_LOCK)
    await stop_shadow(tx, by)
    (row,) = await tx.raw.fetch(_DEFINITIONS)
    version = PlaybookText(row["definitions"], body).version
    await tx.raw.execute(_START, uuid4(), version, body, tx.now, by)
    return version


async def stop_shadow(tx: Transaction, by: str) -> str | None:
    """Stop the candidate; what it decided stays. Return its version, None where none ran."""
    rows = await tx.raw.fetch(_STOP, tx.now, by)
    return rows[0]["version"] if rows else None


async def load_last_shadow_run(tx: Transaction) -> LastShadowRun | None:
    """Return the candidate that was started last."""
    return await read_row(tx, LastShadowRun, _LAST)


async def load_first_lead_pairs(tx: Transaction, shadow: LastShadowRun) -> list[ComparedLead]:
    """Return each contact's first lead since the candidate's start, as published and as the candidate makes it."""
    rows = await tx.raw.fetch(_COMPARED, shadow.shadow_id, shadow.started_at)
    return [ComparedLead(*row) for row in rows]


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
