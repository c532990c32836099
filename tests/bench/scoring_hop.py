"""The hop of scoring beside the raw limit in one run, beside 10,000 contacts and beside a million.

All three take the same records of the same 10,000 contacts; what differs for the last two is how many others are kept.
"""

import hashlib
from uuid import UUID

import asyncpg

from events.contacts import ContactCaptured
from events.runtime import migrate
from events.topics import CONTACTS_CAPTURED
from tests.bench import hop, parts
from tests.bench.parts import ROOT, Parts
from tests.bench.processes import service

EVENTS = 40_000
CONTACTS = 10_000
MANY = 1_000_000
MIGRATIONS = ROOT / "services" / "scoring" / "src" / "scoring" / "migrations"

_KEEP = """
with made as (select md5('contact ' || n)::uuid as contact_id, n from generate_series($1::int, $2::int) as g(n)),
known as (insert into contacts select contact_id from made)
insert into engagements (engagement_id, contact_id, engagement, source, occurred_at, received_at, talk_to_sales,
    email_domain, facts)
select md5('engagement ' || n)::uuid, contact_id, 'email_open', 'web_form', now() - interval '9 days',
    now() - interval '9 days', false, 'firm-' || n % 5000 || '.com',
    jsonb_build_object('email_domain', 'firm-' || n % 5000 || '.com', 'email_kind', 'corporate', 'country', 'DE',
        'industry', 'software', 'employees', 40, 'job_title', 'Marketing Manager')
from made
"""


def contact(number: int) -> UUID:
    """Name a contact as the statement above does."""
    return UUID(hashlib.md5(f"contact {number}".encode(), usedforsecurity=False).hexdigest())


def records() -> list[ContactCaptured]:
    """Return engagements of contacts that are known already: two of five raise a hand, as in the other benches."""
    return parts.engagements(EVENTS, contacts=[contact(number) for number in range(CONTACTS)])


async def _beside(up: Parts, contacts: int) -> float:
    """Measure the real service with so many contacts kept."""
    url = await up.new_database(f"scoring_{contacts}")
    await migrate.apply_migrations(url, MIGRATIONS)
    raw = await asyncpg.connect(url)
    try:
        for first in range(0, contacts, 100_000):
            await raw.execute(_KEEP, first, min(first + 100_000, contacts) - 1)
        await raw.execute("vacuum analyze")
    finally:
        await raw.close()
    async with service(up, "scoring", url=url):
        return await hop.rate(url, hop.applied(CONTACTS_CAPTURED), hop.WAITING, EVENTS)


async def measure(up: Parts) -> dict[str, float]:
    """Measure the raw limit and the service twice, on the same records."""
    await up.new_topics()
    await parts.fill(up.servers, records())
    limit = await hop.of_ceiling(up)
    few, many = await _beside(up, CONTACTS), await _beside(up, MANY)
    return {
        "scoring_hop_limit_per_second": limit,
        "scoring_hop_per_second": few,
        "scoring_hop_of_limit": few / limit,
        "scoring_hop_per_second_beside_a_million": many,
        "scoring_hop_million_of_few": many / few,
    }
