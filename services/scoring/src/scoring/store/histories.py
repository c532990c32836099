"""Histories: what is kept of people and their leads."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

import orjson
import sqlalchemy as sa

from events.runtime import Transaction, merges
from events.runtime.bulk import table_of
from scoring.domain import Engagement, History, Lead, Turn
from scoring.models import EngagementRow, ErasureRow, HeldRow, LeadRow, OverrideRow, ShadowLeadRow, TurnRow
from scoring.store.sql import among, text_of

engagements, turns, leads = table_of(EngagementRow), table_of(TurnRow), table_of(LeadRow)
overrides, held = table_of(OverrideRow), table_of(HeldRow)
shadow_leads = table_of(ShadowLeadRow)

_ENGAGEMENT = tuple(column.name for column in engagements.columns if column.name != "email_domain")
_TURN = tuple(column.name for column in turns.columns)
_LEAD = tuple(column.name for column in leads.columns)
_engagement, _turn, _lead = attrgetter(*_ENGAGEMENT), attrgetter(*_TURN), attrgetter(*_LEAD)
"""The columns bear the names of the domain's fields, and stand in their order."""

_SELECT_ENGAGEMENTS = text_of(
    sa.select(
        *(engagements.c[name] for name in _ENGAGEMENT[:-1]), sa.cast(engagements.c.facts, sa.Text).label("facts")
    ).where(among(engagements.c.contact_id, sa.Uuid))
)
_INSERT_ENGAGEMENTS = f"""
insert into engagements ({", ".join(_ENGAGEMENT)}, email_domain)
select {", ".join(_ENGAGEMENT[:-1])}, facts::jsonb, email_domain from unnest($1::uuid[], $2::uuid[], $3::text[],
    $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::boolean[], $10::text[],
    $11::timestamptz[], $12::text[], $13::text[]) as made({", ".join(_ENGAGEMENT)}, email_domain)
on conflict do nothing
"""  # noqa: S608 - our own column names
_SELECT_TURNS = text_of(sa.select(turns).where(among(turns.c.contact_id, sa.Uuid)))
_SELECT_LEADS = text_of(sa.select(leads).where(among(leads.c.contact_id, sa.Uuid)))
_DELETE_OF_CONTACT = [
    sa.delete(table).where(among(table.c.contact_id, sa.Uuid))
    for table in (engagements, turns, leads, overrides, held, shadow_leads)
]


async def load_histories(tx: Transaction, contact_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, History]:
    """Give what is known of these contacts' people, by each contact of theirs, accounts left out.

    With `lock`, the other contacts of merged people are held as well, to the end of the transaction.
    """
    people = await merges.merged(tx, contact_ids, lock=lock)
    found = {contact_id: History(contact_id) for contact_id in contact_ids if contact_id not in people}
    for person in people.values():
        whole = found.get(person.survivor_id) or History(person.survivor_id, contact_ids=person.contact_ids)
        found |= dict.fromkeys(person.contact_ids, whole)
    wanted = list(found)
    for row in await tx.raw.fetch(_SELECT_ENGAGEMENTS, wanted):
        values = (*row[:-1], orjson.loads(row[-1]))
        engagement = Engagement(*values)
        found[engagement.contact_id].engagements[engagement.engagement_id] = engagement
    for row in await tx.raw.fetch(_SELECT_TURNS, wanted):
        turn = Turn(*row)
        found[turn.contact_id].turned(turn)
    for row in await tx.raw.fetch(_SELECT_LEADS, wanted):
        lead = Lead(*row)
        found[lead.contact_id].told(lead)
    return found


async def save_engagements(tx: Transaction, made: Sequence[Engagement]) -> None:
    """Keep engagements that are not kept yet."""
    if made:
        columns = [list(column) for column in zip(*map(_engagement, made), strict=True)]
        facts = [orjson.dumps(one).decode() for one in columns.pop()]
        domains = [one.facts.get("email_domain") for one in made]
        await tx.raw.execute(_INSERT_ENGAGEMENTS, *columns, facts, domains)


async def save_turns(tx: Transaction, made: Iterable[Turn]) -> None:
    """Keep turns that are not kept yet."""
    await tx.insert(TurnRow, [dict(zip(_TURN, _turn(one), strict=True)) for one in made])


async def save_leads(tx: Transaction, changed: Iterable[Lead]) -> None:
    """Keep leads as they are now."""
    await tx.upsert(LeadRow, [dict(zip(_LEAD, _lead(one), strict=True)) for one in changed])


async def save_held(tx: Transaction, made: Iterable[Engagement]) -> None:
    """Note crossings that made no lead, each once."""
    await tx.insert(
        HeldRow,
        [{"engagement_id": one.engagement_id, "contact_id": one.contact_id, "at": one.occurred_at} for one in made],
    )


async def erased(tx: Transaction, contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these contacts who asked to be forgotten."""
    rows = await tx.raw.fetch("select contact_id from erasures where contact_id = any($1)", list(contact_ids))
    return {row["contact_id"] for row in rows}


async def erase(tx: Transaction, contact_id: UUID, at: datetime) -> int:
    """Delete what is known of a contact, remember only that it is erased, and return the number of rows deleted."""
    wanted = {"among": [contact_id]}
    rows = sum([await tx.execute(statement, wanted) for statement in _DELETE_OF_CONTACT])
    rows += await merges.forget(tx, [contact_id])
    await tx.insert(ErasureRow, [{"contact_id": contact_id, "erased_at": at}])
    return rows
