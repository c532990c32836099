"""Accounts with open leads, and which of their people were published with them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from events.leads import LeadStrengthened
from events.runtime import Transaction
from scoring.domain import OpenLead, PublishedPerson
from scoring.models import AccountPersonRow

_WITH_NEWS = """
select d.domain from unnest($1::text[]) as d(domain) where exists (
    select from leads l where l.email_domain = d.domain and l.ended_at is null and l.cooled_at is null and exists (
        select from engagements e where e.email_domain = d.domain and e.contact_id <> l.contact_id
        union all select from account_people p where p.lead_id = l.lead_id
    )
) order by 1
"""
_PEOPLE = """
select contact_id from engagements where email_domain = $1
group by contact_id order by max(occurred_at) desc, contact_id limit $2
"""
_LEADS = """
select lead_id, contact_id, cycle from leads
where email_domain = $1 and ended_at is null and cooled_at is null order by opened_at desc, contact_id limit $2
"""
_PUBLISHED = "select lead_id, person_id, revision, roles, is_main from account_people where lead_id = any($1)"
_BEHIND = "select distinct contact_id from account_people where person_id = $1 and contact_id <> $1"


async def load_changed_companies(tx: Transaction, domains: Collection[str]) -> list[str]:
    """Return those companies that have an open lead, and of which another person is or was known."""
    return [row["domain"] for row in await tx.raw.fetch(_WITH_NEWS, sorted(domains))]


async def load_active_contacts_at(tx: Transaction, domain: str, most: int) -> list[UUID]:
    """Return the contacts of a company, at most so many: those who were active last."""
    return [row["contact_id"] for row in await tx.raw.fetch(_PEOPLE, domain, most)]


async def load_open_leads_at(tx: Transaction, domain: str, most: int) -> list[OpenLead]:
    """Return the open leads of a company, at most so many: those that were opened last."""
    return [OpenLead(**row) for row in await tx.raw.fetch(_LEADS, domain, most)]


async def load_published_people(tx: Transaction, lead_ids: Collection[UUID]) -> dict[UUID, list[PublishedPerson]]:
    """Return the people who were published with each of these leads."""
    found: dict[UUID, list[PublishedPerson]] = {lead_id: [] for lead_id in lead_ids}
    for row in await tx.raw.fetch(_PUBLISHED, list(lead_ids)):
        person = PublishedPerson(row["person_id"], row["revision"], tuple(row["roles"]), row["is_main"])
        found[row["lead_id"]].append(person)
    return found


async def save_published_people(tx: Transaction, events: Sequence[LeadStrengthened]) -> None:
    """Save whom these events name, in place of whom earlier ones of their leads did."""
    await tx.raw.execute("delete from account_people where lead_id = any($1)", [event.lead_id for event in events])
    rows = [
        {
            "lead_id": event.lead_id,
            "person_id": person.contact_id,
            "contact_id": event.contact_id,
            "revision": event.revision,
            "roles": person.roles,
            "is_main": person.contact_id == event.account.main_contact_id,
        }
        for event in events
        for person in event.account.people
    ]
    await tx.insert(AccountPersonRow, rows)


async def load_contacts_published_with(tx: Transaction, person_id: UUID) -> list[UUID]:
    """Return the contacts with whose leads a person was published."""
    return [row["contact_id"] for row in await tx.raw.fetch(_BEHIND, person_id)]
