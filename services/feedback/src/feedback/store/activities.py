"""Who is behind a keyed hash, and the activities whose contact is not known yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from feedback.models import ActivityRow, IdentityRow

_RESOLVE = """
with found as (
    select i.key, coalesce(m.member, i.contact_id) as contact_id from identities i
    left join lateral (
        select loser_id as member from merges where survivor_id = i.contact_id and not undone
        union select survivor_id from merges where loser_id = i.contact_id and not undone
        union select i.contact_id
    ) m on true
    where i.key = any($1)
)
select distinct on (f.key) f.key, f.contact_id, l.lead_id, l.rep_id, l.team
from found f join leads l on l.contact_id = f.contact_id
order by f.key, (l.state in ('mql', 'accepted', 'sal', 'sql', 'opportunity')) desc, l.cycle desc, l.heard_at desc
"""


class LeadByKey(Row):
    """The lead behind a keyed hash, and who has it."""

    key: str
    contact_id: UUID
    lead_id: UUID
    rep_id: str | None
    team: str | None


class UnresolvedActivity(Row):
    """A touch from another system whose contact is not known yet; `keys` are whom it may be about."""

    source: str
    external_id: str
    at: datetime
    by: str
    touch: JsonObject
    problem: str
    keys: list[str]
    recorded_at: datetime


async def save_identities(tx: Transaction, keys: Mapping[UUID, Sequence[str]]) -> None:
    """Keep the keys of contacts as their profiles have them now; a CRM's ids, which no profile has, stay."""
    await tx.raw.execute("delete from identities where contact_id = any($1) and not learned", list(keys))
    rows = [{"key": key, "contact_id": contact_id, "learned": False} for contact_id, own in keys.items() for key in own]
    await tx.upsert(IdentityRow, rows)


async def save_learned_contact_ids(tx: Transaction, keys: Mapping[str, UUID]) -> None:
    """Save under which id another system knows a contact."""
    await tx.insert(
        IdentityRow,
        [{"key": key, "contact_id": contact_id, "learned": True} for key, contact_id in sorted(keys.items())],
    )


async def find_leads_by_key(tx: Transaction, keys: Iterable[str]) -> dict[str, LeadByKey]:
    """Return the lead behind each key: the person's open one, else the last one."""
    return {row.key: row for row in await read_rows(tx, LeadByKey, _RESOLVE, list(set(keys)))}


async def save_unresolved_activities(tx: Transaction, waiting: Sequence[UnresolvedActivity]) -> None:
    """Keep activities that could not be resolved, to try again and to list."""
    await tx.upsert(ActivityRow, waiting)


async def delete_resolved_activities(tx: Transaction, named: Sequence[tuple[str, str]]) -> None:
    """Drop activities that found their lead."""
    await tx.raw.execute(
        "delete from activities using unnest($1::text[], $2::text[]) as u(s, e) where source = s and external_id = e",
        [source for source, _ in named],
        [external_id for _, external_id in named],
    )


async def list_unresolved_activities(
    tx: Transaction, *, after: tuple[str, str] | None, limit: int
) -> list[UnresolvedActivity]:
    """Return a page of the activities that wait for somebody to be known."""
    source, external_id = after or ("", "")
    return await read_rows(
        tx, UnresolvedActivity,
        "select source, external_id, at, by, touch, problem, keys, recorded_at from activities"
        " where (source, external_id) > ($1, $2) order by source, external_id limit $3",
        source, external_id, limit,
    )  # fmt: skip
