"""What the enrichment service is asked: saved with the engagement that gives rise to it, claimed, and closed."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from scoring.domain import EnrichmentQuestion

EnrichmentOutcome = Literal["answered", "later", "unknown", "failed", "off"]
"""`later`: it will send the facts by itself; `unknown`: it knows none; `off`: there is no such service."""

ENRICHMENT_LEASE = timedelta(seconds=60)
"""How long an asker may take before another one tries."""

_SAVE = """
insert into enrichments (contact_id, email_domain, company, country, missing, asked_at, attempts, due_at)
select q.contact_id, q.email_domain, q.company, q.country, string_to_array(q.missing, ' '), $6, 0, clock_timestamp()
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
    as q(contact_id, email_domain, company, country, missing)
on conflict (contact_id) do nothing returning contact_id
"""
_WAITING = """
select contact_id, asked_at from enrichments
where contact_id = any($1) and asked_at > $2 and (outcome is null or outcome = 'later')
"""
_CLAIM = """
update enrichments e set attempts = attempts + 1, due_at = clock_timestamp() + $1
from (select contact_id from enrichments where due_at <= clock_timestamp() order by due_at limit $2
    for update skip locked) as c
where e.contact_id = c.contact_id
returning e.contact_id, e.email_domain, e.company, e.country, e.missing, e.attempts
"""
_CLOSE = "update enrichments set due_at = null, outcome = $2 where contact_id = $1 and due_at is not null"
_PUT_OFF = "update enrichments set due_at = clock_timestamp() + $2 where contact_id = $1 and due_at is not null"


class ClaimedQuestion(Row):
    """A question that is to be asked now; `attempts` counts this time."""

    contact_id: UUID
    email_domain: str
    company: str | None
    country: str | None
    missing: list[str]
    attempts: int


async def save_questions(tx: Transaction, questions: Sequence[EnrichmentQuestion], at: datetime) -> list[UUID]:
    """Save questions about contacts of whom nothing was asked yet; return these contacts."""
    if not questions:
        return []
    columns = [list(column) for column in zip(*questions, strict=True)]
    contact_ids, domains, missing, companies, countries = columns
    rows = await tx.raw.fetch(
        _SAVE, contact_ids, domains, companies, countries, [" ".join(each) for each in missing], at
    )
    return [row["contact_id"] for row in rows]


async def load_times_asked(tx: Transaction, contact_ids: Collection[UUID], since: datetime) -> dict[UUID, datetime]:
    """Return when it was asked about those of these contacts for whom no answer has come, if that was after `since`."""
    if not contact_ids:
        return {}
    rows = await tx.raw.fetch(_WAITING, list(contact_ids), since)
    return {row["contact_id"]: row["asked_at"] for row in rows}


async def claim_questions(tx: Transaction, at_most: int) -> list[ClaimedQuestion]:
    """Claim questions that are due, for as long as the lease lasts."""
    return await read_rows(tx, ClaimedQuestion, _CLAIM, ENRICHMENT_LEASE, at_most)


async def close_question(tx: Transaction, contact_id: UUID, outcome: EnrichmentOutcome) -> bool:
    """Ask no more about a contact; return False where that is so already, or the contact was erased."""
    return await tx.raw.execute(_CLOSE, contact_id, outcome) == "UPDATE 1"


async def postpone_question(tx: Transaction, contact_id: UUID, wait: timedelta) -> None:
    """Postpone the question to the enrichment service about a contact by `wait`."""
    await tx.raw.execute(_PUT_OFF, contact_id, wait)
