"""All SQL of scoring, set-based: one function a query, whatever the number of contacts."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, asyncpg

from events.contacts import AccountChanged
from events.runtime import Transaction
from events.runtime.bulk import table_of
from scoring.domain import Engagement, History, Lead, Turn
from scoring.models import AccountRow, EngagementRow, ErasureRow, LeadRow, TurnRow

engagements, turns, leads = table_of(EngagementRow), table_of(TurnRow), table_of(LeadRow)
accounts, erasures = table_of(AccountRow), table_of(ErasureRow)

_ENGAGEMENT = tuple(column.name for column in engagements.columns if column.name != "email_domain")
_TURN = tuple(column.name for column in turns.columns)
_LEAD = tuple(column.name for column in leads.columns)
_engagement, _turn, _lead = attrgetter(*_ENGAGEMENT), attrgetter(*_TURN), attrgetter(*_LEAD)
"""The columns bear the names of the domain's fields, and stand in their order."""


def _among(column: sa.Column[Any], kind: Any) -> sa.ColumnElement[bool]:
    """Compare with a bound array: one statement text, planned once, for any number of values."""
    return column == sa.func.any(sa.bindparam("among", type_=ARRAY(kind)))


def _sql(statement: sa.Select[Any]) -> str:
    """Write a statement as the driver takes it: reads of the hot path go around SQLAlchemy's result machinery."""
    return str(statement.compile(dialect=asyncpg.dialect()))  # type: ignore[no-untyped-call]


_SELECT_ENGAGEMENTS = _sql(
    sa.select(
        *(engagements.c[name] for name in _ENGAGEMENT[:-1]), sa.cast(engagements.c.facts, sa.Text).label("facts")
    ).where(_among(engagements.c.contact_id, sa.Uuid))
)
_SELECT_TURNS = _sql(sa.select(turns).where(_among(turns.c.contact_id, sa.Uuid)))
_SELECT_LEADS = _sql(sa.select(leads).where(_among(leads.c.contact_id, sa.Uuid)))
_SELECT_ERASED = _sql(sa.select(erasures.c.contact_id).where(_among(erasures.c.contact_id, sa.Uuid)))
_SELECT_ACCOUNTS = _sql(sa.select(accounts).where(_among(accounts.c.domain, sa.Text)))
_SELECT_REVISIONS = sa.select(accounts.c.account, accounts.c.revision).where(_among(accounts.c.account, sa.Text))
_SELECT_DOMAINS = sa.select(accounts.c.domain).where(_among(accounts.c.account, sa.Text))
_SELECT_CONTACTS = sa.select(engagements.c.contact_id).distinct().where(_among(engagements.c.email_domain, sa.Text))
_DELETE_ACCOUNTS = sa.delete(accounts).where(_among(accounts.c.account, sa.Text))
_DELETE_OF_CONTACT = [
    sa.delete(table).where(_among(table.c.contact_id, sa.Uuid)) for table in (engagements, turns, leads)
]


async def load_histories(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, History]:
    """Give what is known of these contacts, a history for each, accounts left out."""
    wanted = list(contact_ids)
    found = {contact_id: History(contact_id) for contact_id in wanted}
    for row in await tx.raw.fetch(_SELECT_ENGAGEMENTS, wanted):
        values = (*row[:-1], orjson.loads(row[-1]))
        engagement = Engagement(*values)
        found[engagement.contact_id].engaged(engagement)
    for row in await tx.raw.fetch(_SELECT_TURNS, wanted):
        turn = Turn(*row)
        found[turn.contact_id].turned(turn)
    for row in await tx.raw.fetch(_SELECT_LEADS, wanted):
        lead = Lead(*row)
        found[lead.contact_id].leads[lead.cycle] = lead
    return found


async def load_erased(tx: Transaction, contact_ids: Iterable[UUID]) -> set[UUID]:
    """Say which of these contacts asked to be forgotten."""
    return {row["contact_id"] for row in await tx.raw.fetch(_SELECT_ERASED, list(contact_ids))}


async def load_accounts(tx: Transaction, domains: Collection[str]) -> dict[str, str]:
    """Give the kind of company behind each of these domains that is known; its own entry counts before an alias."""
    if not domains:
        return {}
    rows = await tx.raw.fetch(_SELECT_ACCOUNTS, sorted(domains))
    rows.sort(key=lambda row: (row["domain"] == row["account"], row["account"]))
    return {row["domain"]: row["kind"] for row in rows}


async def save_engagements(tx: Transaction, made: Iterable[Engagement]) -> None:
    """Keep engagements that are not kept yet."""
    names = (*_ENGAGEMENT, "email_domain")
    await tx.insert(
        EngagementRow,
        [dict(zip(names, (*_engagement(one), one.facts.get("email_domain")), strict=True)) for one in made],
    )


async def save_turns(tx: Transaction, made: Iterable[Turn]) -> None:
    """Keep turns that are not kept yet."""
    await tx.insert(TurnRow, [dict(zip(_TURN, _turn(one), strict=True)) for one in made])


async def save_leads(tx: Transaction, changed: Iterable[Lead]) -> None:
    """Keep leads as they are now."""
    await tx.upsert(LeadRow, [dict(zip(_LEAD, _lead(one), strict=True)) for one in changed])


async def newer_accounts(tx: Transaction, events: Iterable[AccountChanged]) -> list[AccountChanged]:
    """Give the newest revision of each account, where it is newer than what is kept."""
    newest: dict[str, AccountChanged] = {}
    for event in sorted(events, key=lambda one: one.revision):
        newest[event.domain] = event
    rows = await tx.fetch(_SELECT_REVISIONS, {"among": list(newest)})
    kept = {row["account"]: row["revision"] for row in rows}
    return [event for event in newest.values() if event.revision > kept.get(event.domain, -1)]


async def domains_of(tx: Transaction, names: Collection[str]) -> set[str]:
    """Give the domains and aliases that are kept of these accounts."""
    return {row["domain"] for row in await tx.fetch(_SELECT_DOMAINS, {"among": list(names)})}


async def replace_accounts(tx: Transaction, changed: Iterable[AccountChanged]) -> None:
    """Keep these revisions in the place of the older ones."""
    given = list(changed)
    await tx.execute(_DELETE_ACCOUNTS, {"among": [event.domain for event in given]})
    rows: list[Mapping[str, Any]] = [
        {"domain": domain, "account": event.domain, "kind": event.kind, "revision": event.revision}
        for event in given
        for domain in sorted({event.domain, *event.aliases})
    ]
    await tx.insert(AccountRow, rows)


async def contacts_of(tx: Transaction, domains: Collection[str]) -> list[UUID]:
    """Give the contacts that were ever seen with one of these e-mail domains."""
    return [row["contact_id"] for row in await tx.fetch(_SELECT_CONTACTS, {"among": sorted(domains)})]


async def erase(tx: Transaction, contact_ids: Collection[UUID], at: datetime) -> int:
    """Forget contacts, remember that they asked for it, and give the number of rows deleted."""
    wanted = {"among": list(contact_ids)}
    rows = sum([await tx.execute(statement, wanted) for statement in _DELETE_OF_CONTACT])
    await tx.insert(ErasureRow, [{"contact_id": contact_id, "erased_at": at} for contact_id in contact_ids])
    return rows


_AUDIT = sa.text(
    """
    select 'two open cycles' as rule, min(lead_id::text) as lead_id from leads
    where ended_at is null group by contact_id having count(*) > 1
    union all
    select 'a lead without the engagement that opened it', l.lead_id::text from leads l
    left join engagements e using (engagement_id) where e.engagement_id is null
    union all
    select 'an open lead in front of a later cycle', l.lead_id::text from leads l
    join leads later on later.contact_id = l.contact_id and later.cycle > l.cycle where l.ended_at is null
    union all
    select 'something is kept of an erased contact', e.contact_id::text from erasures e
    where exists (select from engagements g where g.contact_id = e.contact_id)
    or exists (select from leads l where l.contact_id = e.contact_id)
    """
)


async def audit(tx: Transaction) -> list[dict[str, Any]]:
    """List the leads that break an invariant; there must be none."""
    return await tx.fetch(_AUDIT)
