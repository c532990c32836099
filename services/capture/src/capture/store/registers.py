"""SQL of the registers: accounts, campaigns and content, each row written whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from capture.models import Campaigns, ContentPieces, Engagements
from events.contacts import AccountKind
from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import Row, read_row, read_rows

campaigns, engagements, pieces = get_table(Campaigns), get_table(Engagements), get_table(ContentPieces)


class AccountRow(Row):
    """A company, by its registrable domain; `revision` 0 is one of which nothing is known."""

    domain: str
    revision: int = 0
    name: str | None = None
    kind: AccountKind = "prospect"
    owner: str | None = None
    parent: str | None = None
    aliases: list[str] = []
    open_opportunity: bool = False


class CampaignRow(Row):
    """A campaign; `revision` 0 is one of which nothing is known."""

    campaign: str
    revision: int = 0
    name: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    brief: str | None = None
    content: list[str] = []
    spend: float | None = None


class CampaignName(Row):
    """What a campaign is called: by us, and in words."""

    campaign: str
    name: str


class ContentRow(Row):
    """An entry of the content catalogue."""

    content: str
    title: str = ""
    url: str | None = None
    stage: str | None = None
    topic: str | None = None
    persona: str | None = None


class MonthlyUse(Row):
    """How many people used the product in a month (`2026-03`): active, new in it, and all so far."""

    month: str
    active: int
    new: int
    total: int


class ReadableContent(Row):
    """A piece of content that is somewhere to be read."""

    title: str
    url: str


R = TypeVar("R", bound=Row)

_FAMILY = """
with recursive family as (
    select a.*, 0 as depth from accounts a where a.domain = $1 or $1 = any(a.aliases)
    union
    select a.*, f.depth + 1 from accounts a join family f on a.parent = f.domain where f.depth < 20
)
select distinct on (domain) * from family order by domain, depth
"""
_FAMILY = f"select {', '.join(AccountRow.names())} from ({_FAMILY}) f order by depth, domain"  # noqa: S608 - our own text
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


async def lock_row_or_begin(tx: Transaction, table: type[SQLModel], blank: R) -> R:
    """Lock the row of the same key as `blank` to the end of the transaction; where there is none, begin with `blank`.

    Two first writers at once meet here: one begins the row, the other waits and then reads it.
    """
    columns = get_table(table)
    (primary,) = columns.primary_key
    await tx.insert(table, [blank])
    wanted = sa.select(*blank.columns(columns)).where(primary == getattr(blank, primary.name))
    [row] = await read_rows(tx, type(blank), wanted.with_for_update())
    return row


async def load_account_and_parents(tx: Transaction, domain: str) -> list[AccountRow]:
    """Return the account of this domain or alias, then all that have it above them, however far."""
    return await read_rows(tx, AccountRow, _FAMILY, domain)


async def lock_campaigns_with(tx: Transaction, content: str) -> list[CampaignRow]:
    """Return the campaigns that name a piece of content, locked to the end of the transaction."""
    wanted = sa.select(*CampaignRow.columns(campaigns)).where(campaigns.c.content.contains([content]))
    return await read_rows(tx, CampaignRow, wanted.order_by(campaigns.c.campaign).with_for_update())


async def list_campaigns(tx: Transaction, most: int) -> list[CampaignName]:
    """Return the campaigns that have not ended, the latest first."""
    open_still = sa.or_(campaigns.c.ends_at.is_(None), campaigns.c.ends_at > tx.now)
    wanted = sa.select(*CampaignName.columns(campaigns)).where(open_still).limit(most)
    return await read_rows(
        tx, CampaignName, wanted.order_by(campaigns.c.starts_at.desc().nulls_last(), campaigns.c.campaign)
    )


async def count_users(tx: Transaction, domains: Sequence[str], use: Sequence[str]) -> list[MonthlyUse]:
    """Count the people of these domains who used the product: active in each month, new in it, and all so far."""
    return await read_rows(tx, MonthlyUse, _USERS, list(domains), list(use))


async def save_register_row(tx: Transaction, table: type[SQLModel], row: Row) -> None:
    """Write a row whole."""
    await tx.upsert(table, [row])


async def find_requested_content(tx: Transaction, engagement_id: UUID) -> ReadableContent | None:
    """Return title and url of the content that an engagement names, None where the catalogue has no url of it."""
    wanted = (
        sa.select(pieces.c.title, pieces.c.url)
        .join(engagements, engagements.c.content == pieces.c.content)
        .where(engagements.c.engagement_id == engagement_id, pieces.c.url.is_not(None))
    )
    return await read_row(tx, ReadableContent, wanted)
