"""SQL of the registers: accounts, campaigns and content, each row written whole."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from capture.models import ContentPieces, Engagements
from events.runtime import Transaction
from events.runtime.bulk import table_of

engagements, pieces = table_of(Engagements), table_of(ContentPieces)

_FAMILY = """
with recursive family as (
    select a.*, 0 as depth from accounts a where a.domain = $1 or $1 = any(a.aliases)
    union
    select a.*, f.depth + 1 from accounts a join family f on a.parent = f.domain where f.depth < 20
)
select distinct on (domain) * from family order by domain, depth
"""
_FAMILY = f"select * from ({_FAMILY}) f order by depth, domain"  # noqa: S608 - our own text
_USERS = """
with uses as (
    select distinct coalesce(m.survivor_id, e.contact_id) as person,
        to_char(e.occurred_at at time zone 'utc', 'YYYY-MM') as month
    from profiles p join engagements e using (contact_id)
    left join merges m on m.loser_id = e.contact_id and not m.undone
    where p.email_domain = any($1) and e.engagement = any($2)
), first as (select person, min(month) as month from uses group by person)
select month, count(*)::int as active,
    (select count(*) from first f where f.month = u.month)::int as new,
    (select count(*) from first f where f.month <= u.month)::int as total
from uses u group by month order by month
"""


async def put(tx: Transaction, table: type[SQLModel], key: str, blank: Mapping[str, Any]) -> dict[str, Any]:
    """Lock the row named `key` to the end of the transaction; where there is none, begin with `blank`.

    Two first writers at once meet here: one begins the row, the other waits and then reads it.
    """
    columns = table_of(table)
    (primary,) = columns.primary_key
    await tx.insert(table, [{primary.name: key, **blank}])
    rows = await tx.fetch(sa.select(columns).where(primary == key).with_for_update())
    return rows[0]


async def load_family(tx: Transaction, domain: str) -> list[dict[str, Any]]:
    """Return the account of this domain or alias, then all that have it above them, however far."""
    rows = await tx.raw.fetch(_FAMILY, domain)
    return [{name: value for name, value in dict(row).items() if name != "depth"} for row in rows]


async def count_users(tx: Transaction, domains: Sequence[str], use: Sequence[str]) -> list[dict[str, Any]]:
    """Count the people of these domains who used the product: active in each month, new in it, and all so far."""
    return [dict(row) for row in await tx.raw.fetch(_USERS, list(domains), list(use))]


async def save(tx: Transaction, table: type[SQLModel], row: Mapping[str, Any]) -> None:
    """Write a row whole."""
    await tx.upsert(table, [row])


async def find_paper(tx: Transaction, engagement_id: UUID) -> dict[str, Any] | None:
    """Return title and url of the content that an engagement names, None where the catalogue has no url of it."""
    wanted = (
        sa.select(pieces.c.title, pieces.c.url)
        .join(engagements, engagements.c.content == pieces.c.content)
        .where(engagements.c.engagement_id == engagement_id, pieces.c.url.is_not(None))
    )
    rows = await tx.fetch(wanted)
    return rows[0] if rows else None
