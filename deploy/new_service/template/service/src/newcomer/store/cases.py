"""Cases: saved as a set, the newest revision of each person; listed by how long they wait."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from events.runtime import Transaction
from newcomer.domain import Case

_SAVE = """
insert into cases (contact_id, revision, lead_id, state, since)
select distinct on (contact_id) contact_id, revision, lead_id, state, since
from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::timestamptz[])
    as n(contact_id, revision, lead_id, state, since)
where not exists (select from erasures e where e.contact_id = n.contact_id)
order by contact_id, revision desc
on conflict (contact_id) do update set (revision, lead_id, state, since)
    = (excluded.revision, excluded.lead_id, excluded.state, excluded.since)
where cases.revision < excluded.revision
"""
_COLUMNS = "contact_id, revision, lead_id, state, since, handled_at, handled_by"
_LOAD = f"select {_COLUMNS} from cases where contact_id = $1"  # noqa: S608 - our own columns
_OPEN = f"""
select {_COLUMNS} from cases
where state = any($1) and (handled_at is null or handled_at < since)
and ($2::timestamptz is null or (since, contact_id) > ($2, $3::uuid))
order by since, contact_id limit $4
"""  # noqa: S608 - our own columns
_HANDLE = "update cases set handled_at = $2, handled_by = $3 where contact_id = $1"


async def save(tx: Transaction, cases: Sequence[Case]) -> None:
    """Save what lives made of cases; an older revision changes nothing, nor does one of somebody erased."""
    if cases:
        await tx.raw.execute(
            _SAVE,
            [case.contact_id for case in cases],
            [case.revision for case in cases],
            [case.lead_id for case in cases],
            [case.state for case in cases],
            [case.since for case in cases],
        )


async def load(tx: Transaction, contact_id: UUID) -> Case | None:
    """Return a person's case; None where there is none."""
    rows = await tx.raw.fetch(_LOAD, contact_id)
    return Case(*rows[0]) if rows else None


async def list_open(
    tx: Transaction, states: Sequence[str], after: tuple[datetime, UUID] | None, limit: int
) -> list[Case]:
    """Return open cases, those that wait longest first, from behind a position on."""
    since, contact_id = after or (None, None)
    return [Case(*row) for row in await tx.raw.fetch(_OPEN, list(states), since, contact_id, limit)]


async def handle(tx: Transaction, contact_id: UUID, by: str) -> None:
    """Save who looked at a case, now."""
    await tx.raw.execute(_HANDLE, contact_id, tx.now, by)
