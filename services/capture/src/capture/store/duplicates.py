"""SQL that finds whose contacts to compare: who shares a phone, a company's e-mail domain or a name."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from capture.domain.duplicates import ComparedContact
from events.runtime import Transaction

_FIELDS = [each.name for each in fields(ComparedContact)]
_PAGE = """
select p.contact_id, p.email, p.email_domain, p.email_kind, p.phone, p.first_name, p.last_name, p.company, p.job_title,
    p.country
from profiles p
where ($1::uuid is null or p.contact_id >= $1) and ($2::uuid is null or p.contact_id = $2)
    and not exists (select from merges m where m.loser_id = p.contact_id and not m.undone)
order by p.contact_id limit $3
"""
_NEAR = """
select a.contact_id as whose, p.contact_id, p.email, p.email_domain, p.email_kind, p.phone, p.first_name, p.last_name,
    p.company, p.job_title, p.country
from profiles a cross join lateral (
    (select contact_id from profiles b where b.phone = a.phone limit $2)
    union
    (select contact_id from profiles b
        where a.email_kind = 'corporate' and b.email_kind = 'corporate' and b.email_domain = a.email_domain limit $2)
    union
    (select contact_id from profiles b
        where lower(b.last_name) = lower(a.last_name) and left(lower(b.first_name), 1) = left(lower(a.first_name), 1)
        limit $2)
    union
    (select contact_id from profiles b
        where lower(b.last_name) = lower(a.first_name) and left(lower(b.first_name), 1) = left(lower(a.last_name), 1)
        limit $2)
    union
    (select contact_id from profiles b
        where left(lower(b.company), 4) = left(lower(a.company), 4)
        and left(lower(b.last_name), 1) = left(lower(a.last_name), 1)
        limit $2)
) near join profiles p on p.contact_id = near.contact_id
where a.contact_id = any($1) and p.contact_id <> a.contact_id
    and not exists (select from merges m where m.loser_id = p.contact_id and not m.undone)
    and not exists (select from kept_apart k where k.contact_id = a.contact_id and k.other_id = p.contact_id)
    and not exists (
        select from merges m where m.undone
            and (m.loser_id, m.survivor_id) in ((a.contact_id, p.contact_id), (p.contact_id, a.contact_id))
    )
order by a.contact_id, p.contact_id
"""


async def load_contacts_from(tx: Transaction, start: UUID | None, most: int) -> list[ComparedContact]:
    """Return contacts from one on, each person once: of merged ones the one that speaks for all."""
    return [_row_to_compared_contact(row) for row in await tx.raw.fetch(_PAGE, start, None, most)]


async def load_compared_contact(tx: Transaction, contact_id: UUID) -> ComparedContact | None:
    """Return a contact as it is compared with others; None where it does not exist or was merged into another."""
    rows = await tx.raw.fetch(_PAGE, None, contact_id, 1)
    return _row_to_compared_contact(rows[0]) if rows else None


async def load_contacts_to_compare(
    tx: Transaction, contacts: Sequence[ComparedContact], most: int
) -> list[tuple[UUID, ComparedContact]]:
    """Return for each contact those who share something with it, at most `most` for each thing; none kept apart."""
    rows = await tx.raw.fetch(_NEAR, [contact.contact_id for contact in contacts], most)
    return [(row["whose"], _row_to_compared_contact(row)) for row in rows]


def _row_to_compared_contact(row: Mapping[str, Any]) -> ComparedContact:
    return ComparedContact(*[row[name] for name in _FIELDS])
