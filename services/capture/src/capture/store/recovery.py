"""SQL that takes up people whom the topics know and a restored database does not."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import SQLModel

from capture.domain.from_events import StoredEngagement
from capture.models import Engagements, Erasures
from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import find_stored_ids

_BEHIND = """
select name, coalesce((select t.revision from {table} t where t.{key} = u.name), 0) as revision
from unnest($1::text[]) as u(name)
"""
_KEYED = """
insert into identities (key, contact_id, incarnation) select * from unnest($1::uuid[], $2::uuid[], $3::int[])
on conflict (key) do update set contact_id = excluded.contact_id,
    incarnation = greatest(identities.incarnation, excluded.incarnation)
where identities.contact_id is null
"""
_WITHOUT_KEY = """
insert into identities (key, contact_id) select c, c from unnest($1::uuid[]) as u(c)
where not exists (select from identities i where i.contact_id = c) on conflict do nothing
"""
"""Somebody known by a badge alone: the topic does not say which."""


async def find_erased_contacts(tx: Transaction, contact_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these contacts that asked to be forgotten."""
    return await find_stored_ids(tx, Erasures, contact_ids)


async def restore_identities(
    tx: Transaction, identities: Sequence[tuple[UUID, UUID, int]], contact_ids: Iterable[UUID]
) -> None:
    """Save (key, contact, incarnation) where the key is nobody's; a contact without any gets its id for a key."""
    ordered = sorted(identities)
    await tx.raw.execute(_KEYED, *(list(column) for column in zip(*ordered, strict=True))) if ordered else None
    await tx.raw.execute(_WITHOUT_KEY, sorted(contact_ids))


async def save_engagements(tx: Transaction, found: Iterable[StoredEngagement]) -> None:
    """Save engagements that are not kept yet."""
    await tx.insert(Engagements, [each._asdict() for each in found])


async def load_register_revisions(tx: Transaction, table: type[SQLModel], keys: Sequence[str]) -> dict[str, int]:
    """Return the revision at which each row of a register stands, 0 where there is none."""
    (primary,) = get_table(table).primary_key
    sql = _BEHIND.format(table=table.__tablename__, key=primary.name)
    return {row["name"]: row["revision"] for row in await tx.raw.fetch(sql, list(keys))}
