"""Histories: what is known of people and their leads."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from uuid import UUID

import orjson
import sqlalchemy as sa

from events.runtime import Transaction, bulk, merges
from events.runtime.bulk import get_table
from scoring.domain import Engagement, History, Lead, LifecycleFact
from scoring.models import BlockedCrossingRow, EngagementRow, LeadRow, LifecycleFactRow
from scoring.store.sql import build_equals_any, compile_statement_text

engagements, lifecycle, leads = get_table(EngagementRow), get_table(LifecycleFactRow), get_table(LeadRow)

_ENGAGEMENT = tuple(column.name for column in engagements.columns if column.name != "email_domain")
_LIFECYCLE = tuple(column.name for column in lifecycle.columns)
_LEAD = tuple(column.name for column in leads.columns)
_engagement, _fact = attrgetter(*_ENGAGEMENT), attrgetter(*_LIFECYCLE)
_lead = attrgetter(*(field.name for field in fields(Lead)))
"""The columns stand in the order of the domain's fields; but for `Lead.published_*` they bear the same names."""

_SELECT_ENGAGEMENTS = compile_statement_text(
    sa.select(
        *(engagements.c[name] for name in _ENGAGEMENT[:-1]), sa.cast(engagements.c.facts, sa.Text).label("facts")
    ).where(build_equals_any(engagements.c.contact_id, sa.Uuid))
)
_INSERT_ENGAGEMENTS = f"""
insert into engagements ({", ".join(_ENGAGEMENT)}, email_domain)
select {", ".join(_ENGAGEMENT[:-1])}, facts::jsonb, email_domain from unnest($1::uuid[], $2::uuid[], $3::text[],
    $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::boolean[], $10::text[],
    $11::timestamptz[], $12::text[], $13::text[]) as made({", ".join(_ENGAGEMENT)}, email_domain)
on conflict do nothing
"""  # noqa: S608 - our own column names
_SELECT_LIFECYCLE = compile_statement_text(
    sa.select(lifecycle).where(build_equals_any(lifecycle.c.contact_id, sa.Uuid))
)
_SELECT_LEADS = compile_statement_text(sa.select(leads).where(build_equals_any(leads.c.contact_id, sa.Uuid)))
_CONTACTS_AFTER = """
select distinct contact_id from engagements where $1::uuid is null or contact_id > $1 order by contact_id limit $2
"""


async def load_histories(tx: Transaction, contact_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, History]:
    """Load what is known of these contacts' people, by each contact of theirs, accounts left out.

    With `lock`, the other contacts of merged people are locked as well, to the end of the transaction.
    """
    people = await merges.load_merged_people_of_contacts(tx, contact_ids, lock=lock)
    found = {contact_id: History(contact_id) for contact_id in contact_ids if contact_id not in people}
    for person in people.values():
        whole = found.get(person.survivor_id) or History(person.survivor_id, contact_ids=person.contact_ids)
        found |= dict.fromkeys(person.contact_ids, whole)
    wanted = list(found)
    for row in await tx.raw.fetch(_SELECT_ENGAGEMENTS, wanted):
        values = (*row[:-1], orjson.loads(row[-1]))
        engagement = Engagement(*values)
        found[engagement.contact_id].engagements[engagement.engagement_id] = engagement
    for row in await tx.raw.fetch(_SELECT_LIFECYCLE, wanted):
        fact = LifecycleFact(*row)
        found[fact.contact_id].add_lifecycle_fact(fact)
    for row in await tx.raw.fetch(_SELECT_LEADS, wanted):
        lead = Lead(*row)
        found[lead.contact_id].put_lead(lead)
    return found


async def load_contacts_after(tx: Transaction, after: UUID | None, most: int) -> list[UUID]:
    """Return the contacts that did something, in the order of their ids, from behind `after` on."""
    return [row["contact_id"] for row in await tx.raw.fetch(_CONTACTS_AFTER, after, most)]


async def save_histories(
    tx: Transaction,
    made: Iterable[Engagement],
    facts: Iterable[LifecycleFact],
    changed: Iterable[Lead],
    blocked: Iterable[Engagement],
) -> None:
    """Save new engagements and lifecycle facts, leads as they are now, and crossings that made no lead, each once.

    In one statement, whatever there is.
    """
    new_facts = [dict(zip(_LIFECYCLE, _fact(each), strict=True)) for each in facts]
    new_leads = [dict(zip(_LEAD, _lead(each), strict=True)) for each in changed]
    crossings = [
        {"engagement_id": each.engagement_id, "contact_id": each.contact_id, "at": each.occurred_at} for each in blocked
    ]
    await tx.write_together(
        *_build_engagement_writes(list(made)),
        *([bulk.build_insert(LifecycleFactRow, new_facts)] if new_facts else ()),
        *([bulk.build_upsert(LeadRow, new_leads)] if new_leads else ()),
        *([bulk.build_insert(BlockedCrossingRow, crossings)] if crossings else ()),
    )


def _build_engagement_writes(made: Sequence[Engagement]) -> list[bulk.Write]:
    if not made:
        return []
    columns = [list(column) for column in zip(*map(_engagement, made), strict=True)]
    facts = [orjson.dumps(each).decode() for each in columns.pop()]
    return [(_INSERT_ENGAGEMENTS, [*columns, facts, [each.facts.get("email_domain") for each in made]])]
