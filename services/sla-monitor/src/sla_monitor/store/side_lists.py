"""The leads and acts behind the figures of both sides: promised and delivered, and what looks like a game."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows

_OF_MARKETING = """
select lead_id, contact_id, qualified_at as at, lead_type, source, segment, fit, team,
    coalesce(not string_to_array(lacks, ' ') && $3::text[], false) as delivered
from leads
where qualified_at >= $1 and qualified_at < $2 and to_char(qualified_at at time zone 'UTC', 'YYYY-MM') = $4
    and ($5::uuid is null or lead_id > $5)
order by lead_id limit $6
"""
_OF_SALES = """
select lead_id, contact_id, min(due_at) as at, null as lead_type, null as source, null as segment, null as fit,
    null as team, max((state not in ('met', 'rescinded'))::int) = 0 as delivered
from clocks
where state in ('met', 'rescinded', 'met_late', 'breached') and due_at >= $1 and due_at < $2 and clock = $3
    and ($5::uuid is null or lead_id > $5)
group by lead_id, contact_id having to_char(min(due_at) at time zone 'UTC', 'YYYY-MM') = $4
order by lead_id limit $6
"""
_HURRIED = """
select clock_id::text as act, lead_id, contact_id, met_at as at from clocks
where state in ('met', 'rescinded') and clock <> 'review' and rep_id = $4
    and met_at >= $1 and met_at < $2 and due_at - started_at >= 4 * $3::interval and met_at > due_at - $3::interval
"""
_ODD = """
select lead_id || ':' || o.number as act, lead_id, contact_id, (o.one ->> 2)::timestamptz as at
from leads, jsonb_array_elements(odd) with ordinality as o(one, number)
where odd is not null and o.one ->> 0 = $3 and o.one ->> 1 = $4
    and (o.one ->> 2)::timestamptz >= $1 and (o.one ->> 2)::timestamptz < $2
"""
_PAGE = """
select act, lead_id, contact_id, at from ({acts}) as acts
where $5::timestamptz is null or (at, act) > ($5, $6::text) order by at, act limit $7
"""
_KINDS = {"short_call": "short_call", "mass_return": "returned_before_review"}


class PromisedLead(Row):
    """A lead of a month; `delivered`: with all facts that were promised, or of sales, the promise was kept."""

    lead_id: UUID
    contact_id: UUID
    at: datetime
    lead_type: str | None
    source: str | None
    segment: str | None
    fit: str | None
    team: str | None
    delivered: bool

    @property
    def lead_kind(self) -> tuple[str, str, str | None, str, str | None, bool]:
        """What a promise of marketing may ask of it."""
        return self.lead_type or "", self.source or "", self.segment, self.fit or "", self.team, self.delivered


class SuspiciousActLine(Row):
    """One suspicious act; `act` tells it from the others of its lead."""

    act: str
    lead_id: UUID
    contact_id: UUID
    at: datetime


class TimeSpan(NamedTuple):
    """From an instant on, up to another."""

    since: datetime
    until: datetime


async def load_leads_of_month(  # noqa: PLR0917 - a page of a month
    tx: Transaction, span: TimeSpan, month: str, facts: Sequence[str], after: UUID | None, limit: int
) -> list[PromisedLead]:
    """Return a page of the leads that were qualified in a month, with whether they came with all these facts."""
    return await read_rows(tx, PromisedLead, _OF_MARKETING, *span, list(facts), month, after, limit)


async def load_promised_leads_of_month(  # noqa: PLR0917 - a page of a month
    tx: Transaction, span: TimeSpan, month: str, clock: str, after: UUID | None, limit: int
) -> list[PromisedLead]:
    """Return a page of the leads whose promise of a clock fell due in a month, with whether it was kept."""
    return await read_rows(tx, PromisedLead, _OF_SALES, *span, clock, month, after, limit)


async def load_suspicious_acts(  # noqa: PLR0917 - a page of one person's acts
    tx: Transaction,
    span: TimeSpan,
    kind: str,
    by: str,
    hurried: timedelta,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[SuspiciousActLine]:
    """Return a page of what a person did that looks as if a clock was worked instead of a lead, the earliest first."""
    acts, what = (_HURRIED, hurried) if kind == "hurried_touch" else (_ODD, _KINDS[kind])
    page = _PAGE.format(acts=acts)
    return await read_rows(tx, SuspiciousActLine, page, *span, what, by, *(after or (None, None)), limit)
