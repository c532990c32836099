"""SQL that reads all that is stored about one contact."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson
import sqlalchemy as sa

from capture.models import Consents, Engagements, ErasureReceipts, Erasures, KeyOwners, Suppressions
from capture.store import quarantine
from capture.store.imports import WaitingRow, load_waiting_rows_of
from capture.store.quarantine import QuarantinedRow
from events.parts import JsonObject, Scalar
from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import Row, read_row, read_rows

engagements, identities, suppressions = get_table(Engagements), get_table(KeyOwners), get_table(Suppressions)
consents, erasures, receipts = get_table(Consents), get_table(Erasures), get_table(ErasureReceipts)

_PUBLISHED = """
select topic, ce_id, ce_type, time, value from journal
where contact_id = any($1) and ce_type not in ('contact.erased.v1', 'erasure.receipt.v1') order by id
"""
_PARKED = """
select id, topic, reason, parked_at from parked where contact_id = any($1) or contact_ids && $1::uuid[]
order by parked_at
"""
_FACT_NAMES = "select distinct jsonb_object_keys(facts) as name from engagements where contact_id = any($1)"


class EngagementRow(Row):
    """What somebody did."""

    engagement_id: UUID
    contact_id: UUID
    engagement: str
    source: str
    occurred_at: datetime
    received_at: datetime
    event_id: str | None
    content: str | None
    campaign: str | None
    utm: dict[str, str] | None
    referrer: str | None
    talk_to_sales: bool
    talk_to_sales_when: str | None
    preference: str | None
    preferred_at: datetime | None
    facts: dict[str, Scalar]
    out_of_audience: list[str]


class ConsentRow(Row):
    """An answer that somebody gave."""

    contact_id: UUID
    purpose: str
    channel: str | None
    granted: bool
    state: str
    wording_version: str
    form_version: str | None
    at: datetime
    source: str
    received_at: datetime


class SuppressionRow(Row):
    """A channel that is closed to somebody."""

    channel: str
    reason: str
    since: datetime


class PublishedRow(Row):
    """What was published of somebody; `value` is as on the topic, None where it was erased there."""

    topic: str
    ce_id: UUID
    ce_type: str
    time: datetime
    value: JsonObject | None


class ParkedRow(Row):
    """A record about somebody that could not be applied."""

    id: UUID
    topic: str
    reason: str
    parked_at: datetime


class ContactHistory(Row):
    """All that is stored about a person beside the profile, the oldest first; `keys` counts what they are known by."""

    engagements: list[EngagementRow]
    consents: list[ConsentRow]
    suppressed: list[SuppressionRow]
    quarantined: list[QuarantinedRow]
    waiting_imports: list[WaitingRow]
    published: list[PublishedRow]
    parked: list[ParkedRow]
    keys: int


class ErasureRow(Row):
    """Whose erasure was requested, and when."""

    erasure_id: UUID
    contact_id: UUID
    requested_at: datetime


class ReceiptRow(Row):
    """A service's receipt for an erasure."""

    service: str
    rows: int
    erased_at: datetime


async def find_contact_id_by_key(tx: Transaction, key: UUID) -> UUID | None:
    """Find whom a keyed name belongs to."""
    rows = await tx.fetch(sa.select(identities.c.contact_id).where(identities.c.key == key))
    found: UUID | None = rows[0]["contact_id"] if rows else None
    return found


async def load_contact_history(tx: Transaction, contact_ids: Sequence[UUID]) -> ContactHistory:
    """Return what one person did, every answer ever given, and what was published of them; oldest first."""
    ids = list(contact_ids)
    engaged = (
        sa.select(*EngagementRow.columns(engagements))
        .where(engagements.c.contact_id.in_(ids))
        .order_by(engagements.c.occurred_at, engagements.c.engagement_id)
    )
    answered = (
        sa.select(*ConsentRow.columns(consents))
        .where(consents.c.contact_id.in_(ids))
        .order_by(consents.c.at, consents.c.received_at)
    )
    named = await tx.fetch(sa.select(identities.c.key).where(identities.c.contact_id.in_(ids)))
    keys = [row["key"] for row in named]
    closed = sa.select(*SuppressionRow.columns(suppressions)).where(suppressions.c.key.in_(keys))
    return ContactHistory(
        engagements=await read_rows(tx, EngagementRow, engaged),
        consents=await read_rows(tx, ConsentRow, answered),
        suppressed=await read_rows(tx, SuppressionRow, closed),
        quarantined=await quarantine.load_submissions_of(tx, keys),
        waiting_imports=await load_waiting_rows_of(tx, keys),
        published=[
            PublishedRow(**{**row, "value": orjson.loads(row["value"]) if row["value"] else None})
            for row in await tx.raw.fetch(_PUBLISHED, ids)
        ],
        parked=await read_rows(tx, ParkedRow, _PARKED, ids),
        keys=len(keys),
    )


async def load_fact_names(tx: Transaction, contact_ids: Sequence[UUID]) -> list[str]:
    """Return the names of all facts that one person ever gave."""
    rows = await tx.raw.fetch(_FACT_NAMES, list(contact_ids))
    return [row["name"] for row in rows]


async def load_erasure_row(tx: Transaction, erasure_id: UUID) -> ErasureRow | None:
    """Return an erasure, None where there is none."""
    return await read_row(
        tx, ErasureRow, sa.select(*ErasureRow.columns(erasures)).where(erasures.c.erasure_id == erasure_id)
    )


async def load_receipt_rows(tx: Transaction, erasure_id: UUID) -> list[ReceiptRow]:
    """Return the receipts of an erasure so far, by service."""
    wanted = sa.select(*ReceiptRow.columns(receipts)).where(receipts.c.erasure_id == erasure_id)
    return await read_rows(tx, ReceiptRow, wanted.order_by(receipts.c.service))
